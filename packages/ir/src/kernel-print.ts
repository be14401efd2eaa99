// Kernels as text for people (explain, error messages). The text is not parsed and not a key; see kernel-key.
import type { DimValue, ParamValue } from "./backend.ts";
import type { Affine, Dim, Guard, Kernel } from "./kernel.ts";

/** The run-time values of one use of a kernel; without them dims print as d0, d1 … */
export interface KernelValues {
  readonly dims?: readonly DimValue[];
  readonly params?: readonly ParamValue[];
}

const printDimValue = (value: DimValue): string =>
  typeof value === "number"
    ? `${value}`
    : [value.base, ...value.terms.map(({ slot, coef }) => `${coef === 1 ? "" : `${coef}·`}slot${slot}`)]
        .filter((part) => part !== 0)
        .join(" + ");

/**
 * A readable listing of a kernel: grid, then scalars, then phases.
 * @example printKernel(step.kernel, step)
 */
export function printKernel(kernel: Kernel, values: KernelValues = {}): string {
  const dim = (d: Dim): string => {
    if ("lit" in d) return `${d.lit}`;
    const value = values.dims?.[d.dim];
    return value === undefined ? `d${d.dim}` : printDimValue(value);
  };
  const axis = (id: number): string => `i${id}`;
  const affine = ({ base, terms }: Affine): string => {
    const parts = terms.map(({ coef, of }) => {
      const scale = dim(coef) === "1" ? "" : `${dim(coef)}·`;
      if ("axis" in of) return `${scale}${axis(of.axis)}`;
      if ("value" in of) return `${scale}%${of.value}`;
      const divided = dim(of.div) === "1" ? `(${affine(of.digit)})` : `⌊(${affine(of.digit)})/${dim(of.div)}⌋`;
      return `${scale}${divided}${of.mod === null ? "" : ` mod ${dim(of.mod)}`}`;
    });
    const start = dim(base);
    return [...(start === "0" && parts.length > 0 ? [] : [start]), ...parts].join(" + ");
  };
  const guard = ({ all }: Guard): string =>
    all.map(({ of, lo, hi }) => `${dim(lo)} ≤ ${affine(of)} < ${dim(hi)}`).join(" and ");
  const range = (id: number): string => `${axis(id)} < ${dim(kernel.axes[id].size)}`;

  const lines = [
    `kernel(${kernel.buffers.map(({ storage, access }, i) => `b${i}: ${access} ${storage}`).join(", ")})`,
    `  grid ${kernel.grid.length === 0 ? "one point" : kernel.grid.map(range).join(", ")}`,
  ];
  kernel.nodes.forEach((node, id) => {
    let text: string;
    switch (node.op) {
      case "const":
        text = `${node.value}`;
        break;
      case "param": {
        const value = values.params?.[node.slot];
        text =
          value === undefined
            ? `param ${node.slot}`
            : typeof value === "number"
              ? `param ${value}`
              : `${value.saturates === true ? "saturated " : ""}slot ${value.slot}`;
        break;
      }
      case "index":
        text = `index ${affine(node.of)}`;
        break;
      case "load":
        text = `b${node.buffer}[${affine(node.at)}]${node.guard === null ? "" : ` where ${guard(node.guard)} else %${node.other}`}`;
        break;
      case "inside":
        text = `inside ${guard(node.guard)}`;
        break;
      case "apply":
        text = `${node.fn}(${node.args.map((argument) => `%${argument}`).join(", ")})`;
        break;
      case "part":
        text = `%${node.of}.${node.index}`;
        break;
      case "result":
        text = `result ${node.fold}${node.part === 1 ? ".index" : ""} of phase ${node.phase}`;
        break;
    }
    lines.push(`  %${id}: ${node.lane} = ${text}`);
  });
  kernel.phases.forEach(({ kind, axes, folds, stores }, number) => {
    lines.push(`  phase ${number}: ${kind}${axes.length === 0 ? "" : ` over ${axes.map(range).join(", ")}`}`);
    folds.forEach((fold, i) =>
      lines.push(`    ${i} = ${fold.monoid}(${fold.inputs.map((input) => `%${input}`).join(", ")})`),
    );
    for (const { buffer, at, value } of stores) lines.push(`    b${buffer}[${affine(at)}] = %${value}`);
  });
  return lines.join("\n");
}
