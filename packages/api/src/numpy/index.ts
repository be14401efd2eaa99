// jax.numpy: NumPy's functions over lazy arrays. This file names what is public; each family has a file of its own, and
// methods.ts makes some of them methods of NDArray.
import "./methods.ts";

export {
  abs, absolute, add, around, bitwiseAnd, bitwiseInvert, bitwiseLeftShift, bitwiseNot, bitwiseOr, bitwiseRightShift, bitwiseXor, ceil, clip, divide, divmod,
  equal, fabs, fix, floatPower, floor, floorDivide, fmax, fmin, fmod, greater, greaterEqual, invert, leftShift, less, lessEqual, logicalAnd, logicalNot,
  logicalOr, logicalXor, maximum, minimum, mod, modf, multiply, negative, notEqual, positive, pow, power, reciprocal, remainder, rightShift, rint, round,
  sign, square, subtract, trueDivide, trunc, where,
} from "./arithmetic.ts";
export { cross, diagonal, dot, inner, kron, matmul, matvec, outer, tensordot, trace, vdot, vecdot, vecmat } from "./contraction.ts";
export * from "./creation.ts";
export { einsum } from "./einsum.ts";
export {
  acos, acosh, angle, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, asin, asinh, atan, atan2, atanh, bitwiseCount, cbrt, conj, conjugate, copysign,
  cos, cosh, deg2rad, degrees, exp, exp2, expm1, heaviside, hypot, imag, iscomplex, iscomplexobj, isfinite, isinf, isnan, isneginf, isposinf, isreal, isrealobj,
  ldexp, log, log10, log1p, log2, logaddexp, logaddexp2, nanToNum, rad2deg, radians, real, signbit, sin, sinc, sinh, sqrt, tan, tanh,
} from "./functions.ts";
export { take } from "./indexing.ts";
export {
  append, arraySplit, block, columnStack, compress, concat, concatenate, delete, diff, dsplit, dstack, ediff1d, hsplit, hstack, insert, select, split, stack,
  trapezoid, unstack, vsplit, vstack,
} from "./joining.ts";
export {
  atleast1d, atleast2d, atleast3d, broadcastArrays, broadcastShapes, broadcastTo, expandDims, flip, fliplr, flipud, matrixTranspose, moveaxis, permuteDims,
  ravel, repeat, reshape, resize, roll, rollaxis, rot90, squeeze, swapaxes, tile, transpose,
} from "./movement.ts";
export { pad } from "./padding.ts";
export { choose, corrcoef, cov, diagIndices, gradient, polyadd, polyder, polyint, polysub, polyval, ravelMultiIndex, unravelIndex } from "./polynomials.ts";
export {
  all, amax, amin, any, argmax, argmin, average, countNonzero, max, mean, min, nanargmax, nanargmin, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar,
  prod, ptp, std, sum, var,
} from "./reduction.ts";
export * from "./types.ts";
