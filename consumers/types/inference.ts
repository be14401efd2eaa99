// What inference gives without annotations, and what it keeps: tuples, interfaces, optional arguments, unions with null.
import { grad, init, jit, type NDArray, numpy as np, valueAndGrad, vmap } from "@weft/api";

const x = np.linspace(0, 1, 5);

// Functions without annotations take arrays ---------------------------------------------------------------------------

export const sum: NDArray = jit((x, y) => x.add(y))(1, x);
export const slope: NDArray = grad((x) => np.sum(x))(x);
export const rows: NDArray = vmap((row) => row.sum())(np.ones([2, 3]));
export const pair: [NDArray, NDArray] = valueAndGrad((x) => np.sum(np.square(x)))(x);
export const [doubled, twice] = jit((x) => [x.mul(2), x.mul(3)])(x);
// @ts-expect-error an array has no such method
jit((x) => x.nothing());

// Annotated ones keep what they say -----------------------------------------------------------------------------------

interface State {
  w: NDArray;
  steps: number;
  note?: string;
}
const state: State = { w: x, steps: 0 };
const advance = jit((s: State, by?: NDArray) => ({ ...s, w: by === undefined ? s.w : s.w.add(by) }));
export const next: NDArray = advance(state).w;
export const moved: NDArray = advance(state, 2).w;
const scaled = jit((x: NDArray, by: NDArray | number = 2) => x.mul(by));
export const plain: NDArray = scaled(x).add(scaled(x, 3));
const masked = jit((x: NDArray, mask: NDArray | null) => (mask === null ? x : x.mul(mask)));
export const open: NDArray = masked(x, null).add(masked(x, x));
export const [kept, whole]: [NDArray, State["w"]] = jit((x: NDArray): [NDArray, NDArray] => [x, state.w])(x);
export const counted: NDArray = jit((x: NDArray) => ({ n: x.size }))(x).n;
// @ts-expect-error a number is no state
advance(3);
// @ts-expect-error one argument too many
scaled(x, 2, 3);
const timed = <A extends unknown[], R>(f: (...args: A) => R): ((...args: A) => R) => f;
export const through: NDArray = jit(timed((x: NDArray) => x.mul(2)))(3);
export const contracted: NDArray = vmap(np.dot, [null, 0])(np.ones([3]), np.ones([2, 3]));

// Reading -------------------------------------------------------------------------------------------------------------

export const loss: number = np.sum(x).item();
export const yes: boolean = np.all(x.less(2)).item();
export const numbers: Float32Array = await np.ones([3], { dtype: "float32" }).data();
export const counts: Int32Array = np.arange(3).dataSync();
export const nested: number[][] = np.ones([2, 2]).tolist();
const flat = await x.data();
export const last: number | undefined = flat[flat.length - 1];
// @ts-expect-error a number is no text
export const wrong: string = np.sum(x).item();

// dtypes, options, devices --------------------------------------------------------------------------------------------

let dtype = np.float32;
if (x.ndim > 1) dtype = np.int32;
export const typed = np.ones([3], { dtype }).astype(np.float16);
export const ranged = np.sum(x, { axis: 0, keepdims: true }).add(np.sum(x, 0));
// @ts-expect-error there is no such option
np.sum(x, { axes: 0 });
const { missing, notes } = await init({ threads: 2 });
export const said: string = missing["webgpu"] ?? notes.join("\n");
using freed = np.zeros([3]);
export const shown = `${freed}`;
