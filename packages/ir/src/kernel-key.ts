// The structural key of a kernel: equal strings mean equal code. Runtime dims and params enter by number, never by
// value; no hash, so there are no collisions.
import type { Affine, Dim, Guard, Kernel } from "./kernel.ts";

const dim = (d: Dim): string => ("lit" in d ? `${d.lit}` : `d${d.dim}`);

const affine = ({ base, terms }: Affine): string => {
  let key = dim(base);
  for (const { coef, of } of terms) {
    key += `+${dim(coef)}`;
    if ("axis" in of) key += `x${of.axis}`;
    else if ("value" in of) key += `v${of.value}`;
    else key += `(${affine(of.digit)}/${dim(of.div)}${of.mod === null ? "" : `%${dim(of.mod)}`})`;
  }
  return key;
};
const guard = ({ all }: Guard): string => all.map(({ of, lo, hi }) => `${dim(lo)}<=${affine(of)}<${dim(hi)}`).join("&");

/** A canonical text of everything in a kernel that its code depends on. */
export function kernelKey(kernel: Kernel): string {
  let key = kernel.buffers.map(({ storage, access }) => `${storage}${access}`).join(",");
  key += `;${kernel.dims};${kernel.params.join(",")};${kernel.axes.map(({ size }) => dim(size)).join(",")};${kernel.grid.join(",")};`;
  for (const node of kernel.nodes) {
    switch (node.op) {
      case "const":
        key += `c${node.lane}${Object.is(node.value, -0) ? "-0" : node.value}`;
        break;
      case "param":
        key += `p${node.lane}${node.slot}`;
        break;
      case "index":
        key += `i${affine(node.of)}`;
        break;
      case "load":
        key += `l${node.lane}${node.buffer}[${affine(node.at)}]`;
        if (node.guard !== null) key += `?${guard(node.guard)}:${node.other}`;
        break;
      case "inside":
        key += `g${guard(node.guard)}`;
        break;
      case "apply":
        key += `${node.fn}.${node.lane}(${node.args.join(",")})`;
        break;
      case "part":
        key += `t${node.lane}${node.of}.${node.index}`;
        break;
      case "result":
        key += `r${node.lane}${node.phase}.${node.fold}.${node.part}`;
        break;
    }
    key += ";";
  }
  for (const { kind, axes, folds, stores } of kernel.phases) {
    key += `${kind}[${axes.join(",")}]`;
    for (const fold of folds) key += `${fold.monoid}.${fold.lane}(${fold.inputs.join(",")})`;
    for (const store of stores) key += `s${store.buffer}[${affine(store.at)}]=${store.value}`;
    key += ";";
  }
  return key;
}
