// Methods of NDArray that are no functions of numpy's: what reads its elements, waits for them, prints them, and ends the
// handle. numpy/methods.ts installs them. Refuses traced arrays, and keys, which have no numbers.
import type { Node } from "@weft/ir";
import { DTypeError, ShapeError } from "@weft/ir";
import type { NDArray } from "./array.ts";
import { define } from "./define.ts";
import type { HostArray } from "./host.ts";
import { hostArray } from "./host.ts";
import type { Param } from "./kinds.ts";
import { anything, array } from "./kinds.ts";
import type { Nested } from "./methods.ts";
import { labelOf } from "./words.ts";
import { asked, readNode, readNodeSync, waitForNodes } from "../device/reads.ts";

/** The array itself, which is no argument. */
const SELF = array("x") as unknown as Param<"x", NDArray, "required">;

function expectNumbers(what: string, x: NDArray): void {
  if (x.isKey)
    throw new DTypeError(`${what}: ${labelOf(x)}: random keys have no numbers to read; use random.keyData(key)`);
}

/** The node, if it may be asked for and has numbers. */
function numeric(what: string, x: NDArray): Node {
  const node = x.evaluable(what);
  expectNumbers(what, x);
  return node;
}

export const data = define("x.data", [SELF], async (x): Promise<HostArray> => {
  expectNumbers("x.data", x);
  return asked("x.data", [x], async ([node]) => hostArray(await readNode(node)));
});

export const ready = define("x.ready", [SELF], async (x): Promise<NDArray> => {
  await asked("x.ready", [x], waitForNodes);
  return x;
});

export const dataSync = define("x.dataSync", [SELF], (x): HostArray =>
  hostArray(readNodeSync(numeric("x.dataSync", x))),
);

export const item = define("x.item", [SELF], (x): number | boolean => {
  const node = numeric("x.item", x);
  if (node.aval.size !== 1)
    throw new ShapeError(`x.item: ${labelOf(x)} has ${node.aval.size} elements; use tolist() or data()`);
  const [value] = hostArray(readNodeSync(node));
  return x.dtype === "bool" ? value !== 0 : value;
});

function nested(what: string, x: NDArray): Nested {
  const values = hostArray(readNodeSync(numeric(what, x)));
  const { shape } = x.node.aval;
  const bool = x.dtype === "bool";
  let at = 0;
  const build = (axis: number): Nested => {
    if (axis === shape.length) {
      const value = values[at++];
      return bool ? value !== 0 : value;
    }
    const row: Nested[] = [];
    for (let i = 0; i < shape[axis]; i++) row.push(build(axis + 1));
    return row;
  };
  return build(0);
}
export const tolist = define("x.tolist", [SELF], (x) => nested("x.tolist", x));
export const toJSON = define("x.toJSON", [SELF, anything(true)("key", undefined)], (x) => nested("x.toJSON", x));

export const toString = define("x.toString", [SELF], (x): string => x.text());

export const dispose = define("x.dispose", [SELF], (x): void => x.end());
