// Programs over arrays that no memory holds, read in few places: what they give, or the limit they name. Shared by the
// suites of both devices, so it imports nothing of vitest. Values are float32's: neighbours near 3e9 are 256 apart.
import type { NDArray } from "@weft/api";
import { jit, lax, numpy as np, random } from "@weft/api";

const N = 3e9;
const far = (): NDArray => np.arange(N, { dtype: "float32" });
const line = (): NDArray => np.arange(50_000, { dtype: "float32" });
/** Element (i, j) is i·j; 2.5e9 of them. */
const table = (): NDArray => np.outer(line(), line());
/** As long as computed indices reach. */
const most = (): NDArray => np.arange(2 ** 31 - 1, { dtype: "float32" });
const at = (place: number): NDArray => np.array(place, { dtype: "int32" });
const last = (x: NDArray, count: number): NDArray => x.slice([-count]);

/** What 49,999² and its neighbours are in float32. */
const SQUARES = [49_997, 49_998, 49_999].map((i) => Math.fround(i * i));

export const RIGHT: readonly [name: string, program: () => NDArray, expected: number | readonly number[]][] = [
  ["trace of an identity", () => np.trace(np.eye(46_342)), 46_342],
  ["trace of a larger one, in float64", () => np.trace(np.eye(60_000, { dtype: "int32" })), 60_000],
  ["diagonal of an outer product", () => last(np.diagonal(table()), 3), SQUARES],
  ["diagonal above it", () => last(np.diagonal(table(), 1), 1), [Math.fround(49_998 * 49_999)]],
  ["diagonal the other way", () => last(np.diagonal(np.fliplr(table())), 2), [49_998, 0]],
  ["slice", () => far().slice([-300, null, 100]), [2_999_999_744, 2_999_999_744, 3e9].map((x) => Math.fround(x))],
  ["one place", () => far().slice(2_999_999_000), Math.fround(2_999_999_000)],
  ["reversed", () => np.flip(far()).slice([0, 2]), [N, N]],
  ["strides", () => far().slice([null, null, 1e9]), [0, 1e9, 2e9]],
  ["largest of the end", () => far().slice([2_999_000_000]).max(), N],
  ["pad", () => last(np.pad(far(), 1), 2), [N, 0]],
  ["pad with edges", () => last(np.pad(far(), [0, 2], { mode: "edge" }), 3), [N, N, N]],
  ["pad of pad", () => last(np.pad(np.pad(far(), [3, 1], { constantValues: 7 }), 1), 3), [N, 7, 0]],
  ["roll", () => np.roll(far(), 1).slice([0, 3]), [N, 0, 1]],
  ["roll back", () => last(np.roll(far(), -2), 3), [N, 0, 1]],
  ["concatenate", () => last(np.concatenate([far(), np.ones([2])]), 3), [N, 1, 1]],
  ["concatenate in front", () => last(np.concatenate([np.ones([2]), far()]), 1), [N]],
  ["dynamicSlice", () => lax.dynamicSlice(far(), [2_000_000_000], [2]), [2e9, 2e9]],
  ["dynamicSlice at a computed place", () => lax.dynamicSlice(most(), [at(2 ** 31 - 2)], [1]), [2 ** 31]],
  ["take", () => np.take(most(), at(2e9)), 2e9],
  ["take from the end", () => np.take(most(), at(-1)), 2 ** 31],
  ["unsigned numbers", () => last(np.arange(N, { dtype: "uint32" }), 2), [2_999_999_998, 2_999_999_999]],
  ["reshape and transpose", () => last(far().reshape([30_000, 100_000]).T.reshape([-1]), 1), [N]],
  [
    "rows of a reshape",
    () => far().reshape([30_000, 100_000]).slice(-1).slice([0, 2]),
    [2_999_900_000, 2_999_900_000].map(Math.fround),
  ],
  ["sums along rows", () => last(far().reshape([750_000_000, 4]).slice([-1]).sum(1), 1), [1.2e10]],
  ["tile", () => last(np.tile(line(), 60_000), 2), [49_998, 49_999]],
  ["repeat", () => np.repeat(line(), 60_000).slice([-60_001, -59_999]), [49_998, 49_999]],
  ["meshgrid", () => last(np.meshgrid(line(), line())[1].reshape([-1]), 1), [49_999]],
  [
    "tril",
    () => np.tril(table()).reshape([-1]).slice([-2]),
    SQUARES.slice(-1)
      .map((x) => [Math.fround(49_998 * 49_999), x])
      .flat(),
  ],
  ["comparisons", () => last(far().greater(2_999_999_500).astype("int32"), 2), [1, 1]],
  ["select", () => last(np.where(far().greater(2_999_999_500), far(), 1), 2), [N, N]],
  ["at().set", () => last(far().at(-2).set(5), 3), [N, 5, N]],
  ["at().add", () => far().at(2_999_999_000).add(1e6).slice(2_999_999_000), Math.fround(3_000_999_000)],
  ["in jit", () => jit((x: NDArray) => last(np.pad(np.outer(x, x).reshape([-1]), 1), 2))(line()), [SQUARES[2], 0]],
];

/** Beyond 2³² places of an axis, where the device counts in float64. */
export const WIDE: readonly [name: string, program: () => NDArray, expected: number | readonly number[]][] = [
  ["slice", () => np.arange(5e9, { dtype: "float32" }).slice([-1]), [5e9]],
  ["start and step", () => np.arange(5e9, { dtype: "float32" }).mul(2).slice(4_999_999_999), 1e10],
  ["rows", () => np.arange(6e9, { dtype: "float64" }).reshape([3, 2e9]).slice(2).slice([-1]), [5_999_999_999]],
  // JAX's block cipher at the counters (1, 0) … (1, 3): its counter has two words
  ["bits", () => last(random.bits(random.key(1), [2 ** 32 + 4]), 4), [2143961951, 4284742689, 3270313087, 709671079]],
  ["first bits", () => random.bits(random.key(1), [2 ** 32 + 4]).slice([0, 2]), [1883912375, 2292451390]],
  ["bits in rows", () => last(random.bits(random.key(1), [3, 2 ** 31]).slice(2), 2), [2320343960, 906139950]],
  ["split", () => random.keyData(random.split(random.key(1), [2 ** 32 + 1])).slice(0), [507451445, 1853169794]],
];

/** What is refused when it is recorded or read, with the operation and the limit. */
export const REFUSED: readonly [name: string, program: () => NDArray, message: RegExp][] = [
  ["argmax", () => np.argmax(far()), /^np\.argmax: float32\[3000000000\].*2147483647/u],
  ["argmin of a table", () => table().argmin(), /argmin: float32\[2500000000\].*2147483647/u],
  [
    "argmax along an axis",
    () => lax.argmax(far().reshape([1, N]), 1, "int32"),
    /argmax: float32\[1,3000000000\]: axis 1/u,
  ],
  ["roll by a computed shift", () => np.roll(far(), at(1)), /^np\.roll: axis 0 has 3000000000.*2147483647/u],
  ["take at a computed place", () => np.take(far(), at(5)), /^np\.take: axis 0 has 3000000000.*2147483647/u],
  ["slice at a computed place", () => far().slice(at(-1)), /^x\.slice: axis 0 has 3000000000.*2147483647/u],
  ["dynamicSlice at a computed place", () => lax.dynamicSlice(far(), [at(5)], [2]), /^lax\.dynamicSlice: axis 0 has/u],
  [
    "pad beyond 2³²",
    () => np.pad(np.arange(5e9, { dtype: "float32" }), 1).slice(-2),
    /pad float32\[5000000002\].*4294967296/u,
  ],
  [
    "concatenate beyond 2³²",
    () => np.concatenate([far(), far()]).slice(-1),
    /concatenate float32\[6000000000\].*4294967296/u,
  ],
  [
    "reshape beyond 2³²",
    () => np.arange(6e9, { dtype: "float32" }).reshape([2e9, 3]).T.reshape([-1]).slice([-2]),
    /4294967296/u,
  ],
];
