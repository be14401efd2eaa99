// Arguments on which scalar functions are measured: special values, all magnitudes, and where each is delicate.
import { bitsOf, fromBits } from "./ulp.ts";

const SPECIAL = [
  0,
  1,
  2,
  0.5,
  3,
  10,
  100,
  1e4,
  1e10,
  1e30,
  3.4028234663852886e38,
  Infinity,
  NaN,
  2 ** -126,
  1e-38,
  1e-40,
  2 ** -149,
  1e-20,
  0.1,
  0.3,
  0.7,
  1.5,
  2.5,
  0.625,
  0.8,
  88.72283,
  88.72284,
  88.8,
  87.33,
  87.4,
  103.9,
  104.1,
  89,
  16777216,
  16777217,
  8388607.5,
  8388608,
  2147483648,
  4294967296,
  3.1415927,
  1.5707964,
  0.7853982,
  2.3561945,
  4096,
  4097,
  0.99999994,
  1.0000001,
  0.41421357,
  2.4142137,
  355,
  22,
  1e22,
  5.3e15,
].flatMap((x) => [x, -x]);

let seed = 12345;
const next = (): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0), seed);
const uniform = (lo: number, hi: number): number => lo + ((hi - lo) * next()) / 4294967296;

/** Floats of all bit patterns but NaN with payloads of no interest. */
const anyFloat = (): number => fromBits((next() ^ (next() << 7)) >>> 0);

const RANGES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  exp: [
    [-104, 89],
    [-1, 1],
  ],
  expm1: [
    [-20, 89],
    [-1, 1],
  ],
  log: [
    [0.5, 2],
    [0.99, 1.01],
    [0, 1e3],
  ],
  log1p: [
    [-1, 2],
    [-0.01, 0.01],
    [0, 1e9],
  ],
  logistic: [
    [-104, 20],
    [-1, 1],
  ],
  sqrt: [
    [0, 4],
    [0, 1e6],
  ],
  rsqrt: [
    [0, 4],
    [0, 1e6],
  ],
  sin: [
    [-10, 10],
    [-4096, 4096],
    [-1e6, 1e6],
    [-1e12, 1e12],
  ],
  cos: [
    [-10, 10],
    [-4096, 4096],
    [-1e6, 1e6],
    [-1e12, 1e12],
  ],
  tanh: [
    [-1, 1],
    [-10, 10],
  ],
  erf: [
    [-1, 1],
    [-4, 4],
  ],
  erfInv: [
    [-1, 1],
    [0.9, 1],
    [0.999, 1],
    [-0.1, 0.1],
  ],
};

/** Neighbours of multiples of π/2, where sines and cosines are hardest. */
function nearQuadrants(): number[] {
  const found: number[] = [];
  for (let n = 1; n < 3000; n++) {
    const bits = bitsOf(Math.fround((n * Math.PI) / 2));
    found.push(fromBits(bits - 1), fromBits(bits), fromBits(bits + 1));
  }
  for (let e = 12; e < 127; e++)
    for (let k = 0; k < 4; k++) {
      const n = Math.floor(uniform(2 ** e, 2 ** (e + 1)) / (Math.PI / 2));
      found.push(Math.fround((n * Math.PI) / 2));
    }
  // the float32 nearest to a multiple of π/2
  found.push(1.6367e10, 2.2052e37, 6.381956970095103e37);
  return found;
}

/** Arguments of one function; their number is a few ten thousands. */
export function samples1(name: string): Float32Array<ArrayBuffer> {
  const values = [...SPECIAL];
  for (const [lo, hi] of RANGES[name] ?? []) for (let i = 0; i < 12_000; i++) values.push(uniform(lo, hi));
  if (name === "sin" || name === "cos") values.push(...nearQuadrants());
  for (let i = 0; i < 12_000; i++) values.push(anyFloat());
  return Float32Array.from(values);
}

/** Pairs of arguments. */
export function samples2(name: string): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const pairs: [number, number][] = [];
  for (const x of SPECIAL) for (const y of SPECIAL) pairs.push([x, y]);
  for (let i = 0; i < 20_000; i++) {
    pairs.push([uniform(-4, 4), uniform(-4, 4)], [anyFloat(), anyFloat()]);
    if (name === "pow") {
      const x = Math.exp(uniform(-88, 88));
      // results over the whole range, those near overflow among them
      pairs.push([x, uniform(-88, 88) / Math.log(x)], [uniform(0.999, 1.001), uniform(-8e4, 8e4)]);
      pairs.push([uniform(-20, 20), Math.round(uniform(-30, 30))]);
    } else {
      const x = Math.exp(uniform(-80, 80));
      pairs.push([x, x * uniform(-3, 3)]);
    }
  }
  return [Float32Array.from(pairs, ([x]) => x), Float32Array.from(pairs, ([, y]) => y)];
}
