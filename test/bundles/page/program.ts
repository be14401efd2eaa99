// The program that every bundle runs, and Node beside them for the numbers to compare with. Imports types only, so that
// its page may take the library from where it likes.
import type * as weft from "@weft/api";
import type { InitReport, NDArray } from "@weft/api";

/** What the program needs of @weft/api. */
export type Library = Pick<typeof weft, "defaultDevice" | "grad" | "init" | "jit" | "numpy" | "random">;

export interface Options {
  /** Asks for WebGPU and computes there. */
  readonly webgpu?: boolean;
  /** How long to compute under the eyes of a probe. */
  readonly seconds?: number;
}

/** Macrotasks that the calling thread came to, and how long it had to wait for one at worst. */
export interface Beats {
  readonly count: number;
  readonly longest: number;
  /** Evaluations meanwhile. */
  readonly rounds: number;
}

/** Data that JSON holds. */
export interface Result {
  readonly report: InitReport;
  readonly item: number | boolean | null;
  readonly selu: number[];
  readonly random: number[];
  readonly product: number[];
  readonly grad: number[];
  readonly jit: number[];
  readonly beats: Beats | null;
  /** Errors of mistakes: their first lines, and what is not as it shall be of where their stacks begin. */
  readonly mistakes: { readonly heads: readonly string[]; readonly misplaced: readonly string[] };
}

/** Counts macrotasks until the returned function is called. */
function listen(): () => Pick<Beats, "count" | "longest"> {
  const { port1, port2 } = new MessageChannel();
  let count = 0;
  let longest = 0;
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    count++;
    longest = Math.max(longest, now - last);
    last = now;
    port2.postMessage(null);
  };
  port2.postMessage(null);
  return () => {
    port1.close();
    return { count, longest };
  };
}

/** Where a stack begins, without line and column. */
const beginning = (error: Error): string =>
  (error.stack ?? "")
    .split("\n")
    .find((line) => /^\s+at /.test(line))
    ?.replace(/:\d+:\d+\)?$/, "") ?? "";

/** Makes mistakes; the stacks of their errors begin in the functions that make them, which bundlers do not rename. */
function makeMistakes({ numpy: np, grad, jit }: Library): Result["mistakes"] {
  let here = new Error("nowhere");
  const x = np.ones([2]);
  const doubled = jit((v: NDArray) => v.mul(2));
  const sides = {
    wrongFunction: () => ((here = new Error("here")), np.add(x, np.ones([3]))),
    wrongMethod: () => ((here = new Error("here")), x.add(np.ones([3]))),
    wrongOption: () => ((here = new Error("here")), x.sum({ axes: 0 } as never)),
    wrongRead: () => ((here = new Error("here")), x.item()),
    wrongGradient: () => ((here = new Error("here")), grad((v: NDArray) => v)(x)),
    wrongArgument: () => ((here = new Error("here")), doubled("text" as never)),
    wrongInside: () => grad((v: NDArray) => ((here = new Error("here")), np.sum(v, 5)))(x),
  };
  const heads: string[] = [];
  const misplaced: string[] = [];
  for (const [name, make] of Object.entries(sides)) {
    try {
      make();
      misplaced.push(`${name} is no mistake`);
    } catch (thrown) {
      const error = thrown as Error;
      heads.push(error.stack?.split("\n")[0] ?? "");
      if (beginning(error) !== beginning(here))
        misplaced.push(`${name}: ${beginning(error)} instead of ${beginning(here)}`);
    }
  }
  return { heads, misplaced };
}

const values = async (x: NDArray): Promise<number[]> => Array.from(await x.data(), Number);

/** Computes a little of everything. */
export async function program(library: Library, { webgpu = false, seconds = 0 }: Options = {}): Promise<Result> {
  const { numpy: np, random, grad, jit, init, defaultDevice } = library;
  const report = await init(webgpu ? { devices: ["wasm", "webgpu"] } : {});
  if (webgpu) defaultDevice("webgpu");
  // At once and without an await: whoever reads does the work.
  const item = webgpu ? null : np.array([1, 2, 3]).add(1).sum().item();

  const x = np.linspace(-3, 3, 300_001);
  const selu = np.where(x.greater(0), x, np.exp(x).sub(1).mul(1.6732632)).mul(1.050701);
  const a = random.uniform(random.key(42), [512, 512]);
  const product = np.matmul(a, a.transpose());
  const loss = (w: NDArray): NDArray => np.sum(np.sin(w).mul(w));
  const w = np.linspace(0, 1, 1000);
  const step = jit((v: NDArray) => v.sub(grad(loss)(v).mul(0.1)));
  let moved = w;
  for (let turn = 0; turn < 5; turn++) moved = step(moved);
  const result = {
    report,
    item,
    selu: await values(np.stack([selu.sum(), selu.slice(7), selu.slice(250_000)])),
    random: await values(a.slice(3, [0, 8])),
    product: await values(product.slice(511, [500, 512])),
    grad: await values(grad(loss)(w).slice([990, 1000])),
    jit: await values(moved.slice([0, 5])),
    mistakes: webgpu ? { heads: [], misplaced: [] } : makeMistakes(library),
  };
  if (seconds === 0) return { ...result, beats: null };

  const stop = listen();
  const until = performance.now() + seconds * 1000;
  let rounds = 0;
  for (; performance.now() < until; rounds++) {
    // Products, and kernels with a few dozen operations a number.
    let y = np.matmul(np.matmul(product, a), product).mul(1e-6);
    for (let turn = 0; turn < 8; turn++) y = np.sin(np.exp(np.cos(y)));
    await y.sum().data();
  }
  return { ...result, beats: { ...stop(), rounds } };
}
