// Installs NDArray's methods: the functions of numpy that have the array as their first argument, and what reads it. The one
// file of api with an effect at load: package.json says so to bundlers, or they would leave it out of programs that import
// no function from here.
import { ArgumentError } from "@weft/ir";
import { NDArray } from "../core/array.ts";
import { define, defineAs, installMethods } from "../core/define.ts";
import type { How, Param } from "../core/kinds.ts";
import { anything, array, choice, flag, integers, named, rest, shape, sharding } from "../core/kinds.ts";
import type { ArrayMethods } from "../core/methods.ts";
import { data, dataSync, dispose, item, ready, tolist, toJSON, toString } from "../core/reading.ts";
import {
  abs,
  add,
  clip,
  divide,
  equal,
  floorDivide,
  greater,
  greaterEqual,
  less,
  lessEqual,
  mod,
  multiply,
  negative,
  notEqual,
  power,
  round,
  subtract,
} from "./arithmetic.ts";
import { dot, matmul } from "./contraction.ts";
import { At, at, REGIONS, slice, take } from "./indexing.ts";
import { expandDims, matrixTranspose, ravel, reshape, squeeze, swapaxes, transpose } from "./movement.ts";
import { all, any, argmax, argmin, max, mean, min, prod, std, sum, var as variance } from "./reduction.ts";
import { astype } from "./types.ts";

/** A method as a function; of parameters compared as methods' are, because forms with options are overloads. */
type Method<F> = F extends (...args: infer A) => infer R ? { of(x: NDArray, ...args: A): R }["of"] : never;
/** Every method of an array, as a function of it. */
type Methods = {
  readonly [K in keyof ArrayMethods as ArrayMethods[K] extends NDArray ? never : K]: Method<ArrayMethods[K]>;
};
type Getters = {
  readonly [K in keyof ArrayMethods as ArrayMethods[K] extends NDArray ? K : never]: (x: NDArray) => ArrayMethods[K];
};

/** A list that is given by name, as one argument, or one by one; null for none. */
function listed<T>(
  { check, name }: Param<string, unknown, How, T>,
  method: string,
  given: readonly unknown[],
  byName: T,
) {
  if (given.length === 0) return byName;
  if (byName !== null) throw new ArgumentError(`${method}: ${name} was given twice, by position and by name`);
  return check(given.length === 1 && typeof given[0] !== "number" ? given[0] : given, method, name);
}
const SHAPE = shape("shape");
const AXES = integers("axes", null);

const METHODS: Methods = {
  data,
  ready,
  dataSync,
  item,
  tolist,
  toJSON,
  toString,
  dispose,
  add,
  sub: subtract,
  mul: multiply,
  div: divide,
  floorDivide,
  mod,
  pow: power,
  neg: negative,
  abs,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  clip,
  round,
  sum,
  prod,
  mean,
  max,
  min,
  argmax,
  argmin,
  any,
  all,
  std,
  var: variance,
  reshape: defineAs<Methods["reshape"]>()(
    "x.reshape",
    [
      array("x"),
      rest(anything()("sizes")),
      named(shape("shape", null)),
      named(choice("C", "F", "A")("order", "C")),
      named(flag("copy", null)),
      sharding("outSharding"),
    ],
    (x, sizes, byName, order, copy) => reshape(x, listed(SHAPE, "x.reshape", sizes, byName) ?? [], { order, copy }),
  ),
  transpose: defineAs<Methods["transpose"]>()(
    "x.transpose",
    [array("x"), rest(anything()("axes")), named(AXES)],
    (x, axes, byName) => transpose(x, listed(AXES, "x.transpose", axes, byName)),
  ),
  ravel,
  flatten: ravel,
  squeeze,
  expandDims,
  swapaxes,
  dot,
  matmul,
  astype,
  slice,
  take,
  at,
};
const GETTERS: Getters = { T: define("x.T", [array("x")], (x) => transpose(x)), mT: matrixTranspose };

installMethods(NDArray, "NDArray", "x", METHODS);
installMethods(NDArray, "NDArray", "x", GETTERS, "get");
installMethods(At, "At", "x.at(…)", REGIONS);
