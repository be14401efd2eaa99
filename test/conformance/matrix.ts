// One case of the conformance matrix on one device: operands uploaded, results read and held against the reference.
// Needs no test runner, so that pages' workers run it too.
import type { Backend, Node, RefArray, ServedDType } from "@weft/ir";
import { DTypeError } from "@weft/ir";
import { evaluate, readValue, readValueSync } from "@weft/scheduler";
import type { Case } from "./cases.ts";
import { ARRAYS, compare, prepared, upload } from "./compare.ts";

const target = (root: Node): InstanceType<(typeof ARRAYS)[ServedDType]> =>
  new ARRAYS[root.aval.dtype as ServedDType](root.aval.size);

/** Runs a case and reads without an await. */
export function checkCase(c: Case, backend: Backend): void {
  const { operands, outputs } = prepared(c);
  const roots = c.apply(operands.map((operand) => upload(backend, operand)));
  evaluate(roots, backend)?.help();
  roots.forEach((root, i) => {
    const actual = target(root);
    if (root.value === null) throw new Error(`${c.title}: the root was not evaluated`);
    readValueSync(root.value, new Uint8Array(actual.buffer));
    compare(c, actual, outputs[i], operands);
  });
}

async function checkRoots(
  c: Case,
  backend: Backend,
  operands: readonly RefArray[],
  outputs: readonly RefArray[],
  flushed: boolean,
): Promise<void> {
  const roots = c.apply(operands.map((operand) => upload(backend, operand)));
  evaluate(roots, backend);
  for (const [i, root] of roots.entries()) {
    const actual = target(root);
    if (root.value === null) throw new Error(`${c.title}: the root was not evaluated`);
    await readValue(root.value, new Uint8Array(actual.buffer));
    compare(c, actual, outputs[i], operands, flushed);
  }
}

/** Runs a case and awaits its results, as asynchronous programs do. */
export async function checkCaseAwaited(c: Case, backend: Backend): Promise<void> {
  const { operands, outputs } = prepared(c);
  await checkRoots(c, backend, operands, outputs, false);
}

/** Runs a case on WebGPU, whose guarantees for denormals and zeros are weaker, and which refuses dtypes by name. */
export async function checkCaseOnWebgpu(c: Case, backend: Backend): Promise<void> {
  const { operands, outputs } = prepared(c, true);
  const refused = [...operands, ...outputs].some(({ dtype }) => dtype === "float64");
  try {
    await checkRoots(c, backend, operands, outputs, true);
  } catch (error) {
    // views of float64 move no element through a kernel, and pass
    if (!(refused && error instanceof DTypeError)) throw error;
  }
}
