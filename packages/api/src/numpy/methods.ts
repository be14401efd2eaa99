// Fills the table of NDArray's methods with the functions of the same names. The one file of api with an effect at load:
// package.json says so to bundlers, or they would leave it out of programs that import no function from here.
import { installMethods } from "../core/methods.ts";
import {
  abs, add, clip, divide, equal, floorDivide, greater, greaterEqual, less, lessEqual, mod, multiply, negative, notEqual, power, round, subtract,
} from "./arithmetic.ts";
import { dot, matmul } from "./contraction.ts";
import { at, slice, take } from "./indexing.ts";
import { expandDims, ravel, reshape, squeeze, swapaxes, transpose } from "./movement.ts";
import { all, any, argmax, argmin, max, mean, min, prod, std, sum, var as variance } from "./reduction.ts";
import { astype } from "./types.ts";

installMethods({
  add, subtract, multiply, divide, floorDivide, mod, power, negative, abs, equal, notEqual, less, lessEqual, greater, greaterEqual, clip, round,
  sum, prod, mean, max, min, argmax, argmin, any, all, std, var: variance,
  reshape, transpose, ravel, squeeze, expandDims, swapaxes,
  dot, matmul, astype, slice, take, at,
});
