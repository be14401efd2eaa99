// What of the golden data our API does not answer yet, named one by one. A name that has come to work fails a test
// until it is taken off, and what is not named here must pass.

/** Functions that are not public yet, by the primitive they wait for. */
export const NOT_YET_FUNCTIONS: ReadonlySet<string> = new Set<string>([
  // cumulative
  "np.cumsum",
  "np.cumprod",
  "lax.cumsum",
  "lax.cumprod",
  "lax.cummax",
  "lax.cummin",
  "lax.cumlogsumexp",
  // sort
  "np.sort",
  "np.argsort",
  "np.median",
  "np.quantile",
  "random.permutation",
  "random.choice",
  // gather
  "np.takeAlongAxis",
  "np.searchsorted",
  // nextAfter
  "lax.nextafter",
  // np.linalg is a family of its own
  "np.linalg.norm",
]);

/** dtypes that no backend serves yet: cases that have one among inputs, outputs or options wait. */
export const NOT_YET_DTYPES: ReadonlySet<string> = new Set([
  "int8",
  "uint8",
  "int16",
  "uint16",
  "bfloat16",
  "complex64",
  "complex128",
]);

/** Single cases of functions that exist: an option or a form that is still missing. */
export const NOT_YET_CASES: ReadonlySet<string> = new Set<string>([
  // gather: indexing by arrays of integers and masks
  "[10][array]",
  "[10][array] #2",
  "[10][array] #3",
  "[10][array] #4",
  "[10][array] #5",
  "[10][array] #6",
  "[4, 5][array]",
  "[4, 5][array] #2",
  "[4, 5][array] #3",
  "[4, 5][newaxis, array]",
  "[4, 5][[1, 3, None], array]",
  "[4, 5][[None, None, None], array]",
  "[4, 5][[None, None, None], array] #2",
  "[4, 5][array, array]",
  "[4, 5][array, array] #2",
  "[4, 5][array, array] #3",
  "[2, 3, 4][[0], [None, None, None], array]",
  "[2, 3, 4][array, [None, None, None], array]",
  "[2, 3, 4][[None, None, None], array, array]",
  "[2, 3, 4][array, ellipsis, array]",
  "np.repeat(float32[2,3], int32[3], 1)",
  "np.repeat(float32[5], int32[5], total_repeat_length=4)",
  "np.repeat(float32[5], int32[5], total_repeat_length=13)",
  "np.take(float32[5], int32[3])",
  "np.take(float32[5], int32[3]) #2",
  "np.take(float32[2,3], int32[2], 1)",
  "np.take(float32[5], int32[3], mode=clip)",
  "np.take(float32[5], int32[3], mode=wrap)",
  "np.take(float32[3], int32[3])",
  // the WASM kernels of max and min give the second operand where both are zeros of different signs
  "np.maximum",
  "np.minimum",
]);
