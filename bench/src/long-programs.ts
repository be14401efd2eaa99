// The programs of npm run soak -- --long: what users leave running for days. Each is a step that is called again and again;
// it keeps nothing but what it hands from step to step.
import type { NDArray } from "@weft/api";
import { blockUntilReady, jit, numpy as np, random, valueAndGrad, WeftError } from "@weft/api";

export interface LongProgram {
  readonly name: string;
  /** One in so many of the steps asked for: of what takes longer. */
  readonly share: number;
  /** The step; what it returns is awaited. */
  begin(): (i: number) => Promise<unknown> | undefined;
  /** Throws unless the program computed what it was to. */
  check(): void;
}

interface Params {
  readonly w: NDArray;
  readonly b: NDArray;
}
interface Trained {
  readonly value: NDArray;
  readonly params: Params;
}

const loss = ({ w, b }: Params, x: NDArray, y: NDArray): NDArray => np.mean(np.square(x.matmul(w).add(b).sub(y)));
const gradientStep = (params: Params, x: NDArray, y: NDArray): Trained => {
  const [value, g] = valueAndGrad(loss)(params, x, y);
  return { value, params: { w: params.w.sub(g.w.mul(0.1)), b: params.b.sub(g.b.mul(0.1)) } };
};

/** The README's training loop on `rows` observations; `read` is what it does with each step's results. */
function training(
  name: string,
  jitted: boolean,
  share: number,
  read: (trained: Trained) => Promise<unknown> | undefined,
): LongProgram {
  let params: Params | null = null;
  return {
    name,
    share,
    begin() {
      const step = jitted ? jit(gradientStep) : gradientStep;
      const [dataKey, weightKey] = random.split(random.key(42));
      const x = random.normal(dataKey, [64, 3]);
      const y = x.matmul([2, -1, 0.5]).add(0.1);
      params = { w: random.normal(weightKey, [3]), b: np.zeros([]) };
      return () => {
        const trained = step(params as Params, x, y);
        params = trained.params;
        return read(trained);
      };
    },
    check() {
      const found = (params as Params).w.tolist() as number[];
      if (found.some((w, i) => !(Math.abs(w - [2, -1, 0.5][i]) < 1e-3)))
        throw new Error(`${name} found the weights ${found.join(", ")}`);
    },
  };
}

/** A program whose step gives a number that is known. */
function numbers(name: string, share: number, make: () => (i: number) => boolean): LongProgram {
  let wrong = 0;
  return {
    name,
    share,
    begin() {
      const step = make();
      return (i) => {
        if (!step(i)) wrong++;
        return undefined;
      };
    },
    check() {
      if (wrong > 0) throw new Error(`${name}: ${wrong} steps gave something else`);
    },
  };
}

export const PROGRAMS: readonly LongProgram[] = [
  training("jitted, nothing read", true, 1, () => undefined),
  training("jitted, item()", true, 1, ({ value }) => void value.item()),
  training("jitted, await data()", true, 1, ({ value }) => value.data()),
  training("jitted, await blockUntilReady", true, 1, (trained) => blockUntilReady(trained)),
  training("valueAndGrad, item()", false, 25, ({ value }) => void value.item()),
  numbers("f(x, n++), n static", 250, () => {
    const f = jit((x: NDArray, n: number) => x.mul(n).add(1).sum(), { staticArgnums: 1 });
    const x = np.array([1, 2, 3]);
    return (i) => f(x, i).item() === 6 * i + 3;
  }),
  numbers("calls that throw", 25, () => {
    const data = new Float32Array(1e4);
    const three = np.ones([3]);
    return () => {
      try {
        np.add(data, three);
        return false;
      } catch (error) {
        return error instanceof WeftError;
      }
    };
  }),
];
