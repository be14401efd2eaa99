// Public functions of which the suite has fewer cases than twelve of a kind, each with the reason. The lists only shrink:
// a name that has twelve, or that is public no more, fails counts.test.ts.

/** Cases that every function has: values and refusals together, derivatives where it has any, batches where it has arrays. */
export const LEAST = 12;

const named = (text: string): readonly string[] => text.split(/\s+/u).filter((name) => name !== "");

/** Exports that neither JAX nor NumPy has, or that have no values to compare, and the test that names them. */
export const NO_REFERENCE: { readonly [fn: string]: string } = {
  "jax.checkLeaks": "packages/api/src/device/devices.test.ts",
  "jax.defaultDevice": "packages/api/src/device/devices.test.ts",
  "jax.devices": "packages/api/src/device/devices.test.ts",
  "jax.explain": "packages/api/src/transform/inspect.test.ts",
  "jax.init": "packages/api/src/device/devices.test.ts",
  "jax.makeJaxpr": "packages/api/src/transform/jit.test.ts",
  "jax.memory": "packages/api/src/device/devices.test.ts",
  "jax.planOf": "packages/api/src/transform/inspect.test.ts",
  "jax.scope": "packages/api/src/device/devices.test.ts",
  "jax.toCanvas": "test/browser/pictures.test.ts",
  "jax.useBackend": "packages/api/src/device/devices.test.ts",
  "np.einsumPath": "packages/api/src/numpy/einsum.test.ts",
  "tree.keystr": "packages/api/src/tree/tree.test.ts",
  "tree.register": "packages/api/src/tree/tree.test.ts",
};

/** Functions without derivatives, by the reason. */
export const UNDERIVED: { readonly [reason: string]: readonly string[] } = {
  "the result is integers or truth values": named(`
    np.all np.allclose np.any np.argmax np.argmin np.arrayEqual np.arrayEquiv np.countNonzero np.equal np.greater
    np.greaterEqual np.isclose np.iscomplex np.isfinite np.isinf np.isnan np.isneginf np.isposinf np.isreal np.less
    np.lessEqual np.logicalAnd np.logicalNot np.logicalOr np.logicalXor np.nanargmax np.nanargmin np.notEqual np.signbit
    lax.argmax lax.argmin lax.eq lax.ge lax.gt lax.isFinite lax.le lax.lt lax.ne`),
  "it takes integers or truth values": named(`
    np.bitwiseAnd np.bitwiseCount np.bitwiseInvert np.bitwiseLeftShift np.bitwiseNot np.bitwiseOr np.bitwiseRightShift
    np.bitwiseXor np.invert np.leftShift np.ravelMultiIndex np.rightShift np.unravelIndex lax.bitwiseAnd lax.bitwiseNot
    lax.bitwiseOr lax.bitwiseXor lax.clz lax.populationCount lax.reduceAnd lax.reduceOr lax.reduceXor lax.shiftLeft
    lax.shiftRightArithmetic lax.shiftRightLogical`),
  "its numbers come from shapes and JS numbers": named(`
    np.arange np.bartlett np.blackman np.diagIndices np.empty np.eye np.hamming np.hanning np.identity np.indices np.ones
    np.tri np.zeros lax.broadcastedIota lax.empty lax.iota`),
  "it answers about dtypes and shapes": named(`
    np.broadcastShapes np.canCast np.finfo np.iinfo np.iscomplexobj np.isdtype np.isrealobj np.isscalar np.issubdtype
    np.iterable np.ndim np.promoteTypes np.resultType np.shape np.size lax.broadcastShapes lax.dtype jax.evalShape`),
  "it draws from a key": named(`
    nn.initializers.constant nn.initializers.glorotNormal nn.initializers.glorotUniform nn.initializers.heNormal
    nn.initializers.heUniform nn.initializers.kaimingNormal nn.initializers.kaimingUniform nn.initializers.lecunNormal
    nn.initializers.lecunUniform nn.initializers.normal nn.initializers.ones nn.initializers.truncatedNormal
    nn.initializers.uniform nn.initializers.varianceScaling nn.initializers.xavierNormal nn.initializers.xavierUniform
    nn.initializers.zeros random.PRNGKey random.bernoulli random.bits random.categorical random.cauchy random.clone
    random.exponential random.foldIn random.geometric random.gumbel random.key random.keyData random.laplace
    random.logistic random.maxwell random.normal random.rademacher random.randint random.split
    random.wrapKeyData`),
  "it moves whole trees": named(`
    tree.all tree.flatten tree.flattenWithPath tree.leaves tree.leavesWithPath tree.map tree.mapWithPath tree.reduce
    tree.structure tree.transpose tree.unflatten jax.blockUntilReady jax.deviceGet jax.devicePut`),
  "JAX has no such function, NumPy no derivatives": named("np.fix"),
  "it gives new numbers, and few of its calls give them as arrays of floats": named(`
    lax.full lax.fullLike nn.oneHot random.uniform`),
  "bits have none": named("lax.bitcastConvertType"),
};

/** Functions that no batch is taken of, by the reason. */
export const UNBATCHED: { readonly [reason: string]: readonly string[] } = {
  "no array goes in": named(`
    np.arange np.bartlett np.blackman np.broadcastShapes np.canCast np.diagIndices np.empty np.eye np.finfo np.hamming
    np.hanning np.identity np.iinfo np.indices np.isdtype np.issubdtype np.ones np.promoteTypes np.tri np.zeros
    lax.broadcastShapes lax.broadcastedIota lax.empty lax.iota`),
  "no array comes out": named(
    "np.iscomplexobj np.isrealobj np.isscalar np.iterable np.ndim np.resultType np.shape np.size lax.dtype jax.evalShape",
  ),
  "what goes in is a JS number in most calls": named("lax.full random.PRNGKey random.key"),
  "it moves whole trees": named(`
    tree.all tree.flatten tree.flattenWithPath tree.leaves tree.leavesWithPath tree.map tree.mapWithPath tree.reduce
    tree.structure tree.transpose tree.unflatten jax.blockUntilReady jax.deviceGet jax.devicePut`),
  "JAX has no such function": named("np.fix"),
  "its indices must be known unless a mode is given": named("np.choose"),
};
