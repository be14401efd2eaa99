// The same programs in Weft and in jax-js, each on its WASM and its WebGPU device: arrays are made from the same host
// data, a run is over when its result is there, and results are read for the check, untimed. Browsers only.
import * as jax from "@jax-js/jax";
import type { NDArray } from "@weft/api";
import { defaultDevice, jit, numpy as np } from "@weft/api";

/** One program on one library's device. */
export interface Contender {
  /** Milliseconds of one run, from the call until its result is there. */
  run(): Promise<number>;
  /** The last result on the host; frees what was made. */
  finish(): Promise<Float32Array>;
}

/** A program of both libraries over arrays of the same shapes. */
export interface Program {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly weft: (...arrays: NDArray[]) => NDArray;
  readonly jax: (...arrays: jax.Array[]) => jax.Array;
}

const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

/** SELU in the words of the article, not the libraries' own. */
const selu = (n: number): Program => ({
  name: `SELU, ${n.toExponential(0).replace("+", "")} float32`,
  shapes: [[n]],
  weft: (x) => np.where(x.greater(0), x, np.exp(x).mul(ALPHA).sub(ALPHA)).mul(SCALE),
  jax: (x) => jax.numpy.where(x.ref.greater(0), x.ref, jax.numpy.exp(x).mul(ALPHA).sub(ALPHA)).mul(SCALE),
});

const matmul = (n: number): Program => ({
  name: `matmul ${n}, float32`,
  shapes: [
    [n, n],
    [n, n],
  ],
  weft: (a, b) => np.matmul(a, b),
  jax: (a, b) => jax.numpy.matmul(a, b),
});

const sums = (rows: number, cols: number): Program => ({
  name: `row sums of x³, ${rows}×${cols}`,
  shapes: [[rows, cols]],
  weft: (x) => np.sum(x.mul(x).mul(x), { axis: 1 }),
  jax: (x) => jax.numpy.sum(x.ref.mul(x.ref).mul(x), 1),
});

export const PROGRAMS: readonly Program[] = [selu(1e6), selu(1e7), matmul(512), matmul(1024), sums(4096, 1024)];

/** Numbers of about a normal distribution, the same for every contender. */
function hostData(size: number, seed: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(size);
  let state = seed + 1;
  for (let i = 0; i < size; i++) {
    let sum = -2;
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    data[i] = sum * 1.7;
  }
  return data;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Timed by the caller's clock around what the library itself offers for waiting. */
async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export async function onWeft({ shapes, weft }: Program, device: string): Promise<Contender> {
  const before = defaultDevice();
  defaultDevice(device);
  const arrays = shapes.map((shape, i) => np.array(hostData(sizeOf(shape), i)).reshape([...shape]));
  for (const one of arrays) await one.ready();
  const program = jit(weft, { device });
  await program.compile(...arrays);
  defaultDevice(before);
  let result: NDArray | null = null;
  return {
    run: () =>
      timed(async () => {
        result?.dispose();
        result = program(...arrays);
        await result.ready();
      }),
    finish: async () => {
      const data = result === null ? new Float32Array(0) : ((await result.data()) as Float32Array);
      for (const one of [...arrays, result]) one?.dispose();
      program.dispose();
      return data;
    },
  };
}

export async function onJax({ shapes, jax: body }: Program, device: "wasm" | "webgpu"): Promise<Contender> {
  jax.defaultDevice(device);
  const arrays = shapes.map((shape, i) => jax.numpy.array(hostData(sizeOf(shape), i)).reshape([...shape]));
  const held: jax.Array[] = [];
  for (const one of arrays) held.push(await jax.devicePut(one, device));
  const program = jax.jit(body as (...arrays: jax.Array[]) => jax.Array);
  let result: jax.Array | null = null;
  return {
    run: () =>
      timed(async () => {
        result?.dispose();
        result = program(...held.map((one) => one.ref));
        await result.blockUntilReady();
      }),
    finish: async () => {
      const data = result === null ? new Float32Array(0) : ((await result.data()) as Float32Array);
      for (const one of held) one.dispose();
      program.dispose();
      return data;
    },
  };
}
