// Every public function against a table of values that nobody means to give it: what each call does, for a test in any
// realm. A function is called with arguments that suit its declaration, and one of them replaced. Throws nothing itself.
import { type NDArray, numpy as np, random, scope, WeftError } from "@weft/api";
import { settleIdle } from "@weft/ir";
// oxlint-disable-next-line no-restricted-imports -- declarations are for errors and tests, and no part of the public API
import { signatureOf } from "../../packages/api/src/core/define.ts";
// oxlint-disable-next-line no-restricted-imports -- as above
import { openDevices } from "../../packages/api/src/device/devices.ts";
// oxlint-disable-next-line no-restricted-imports -- as above
import type { Param } from "../../packages/api/src/core/kinds.ts";
import { find } from "../golden/surface.ts";

/** What objects of the user's throw when they are looked into. */
const TRAPPED = new Error("a trap that throws");
class Thing {
  get value(): never {
    throw TRAPPED;
  }
}
const circular: unknown[] = [];
circular.push(circular);
const disposed = (): NDArray => {
  const gone = np.ones([2]);
  gone.dispose();
  return gone;
};

/** Values by name; some are made anew for each call, because a call may change or dispose them. */
export const BAD: { readonly [name: string]: () => unknown } = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => NaN,
  Infinity: () => Infinity,
  "-1": () => -1,
  "1.5": () => 1.5,
  "1e9": () => 1e9,
  "2**31": () => 2 ** 31,
  "2**53": () => 2 ** 53,
  true: () => true,
  "a string": () => "bogus",
  "an empty string": () => "",
  "a dtype": () => "int32",
  "no dtype": () => "int64",
  "a bigint": () => 5n,
  "a symbol": () => Symbol("s"),
  "a function": () => () => 1,
  "a class": () => Thing,
  "[]": () => [],
  "[[]]": () => [[]],
  "[1.5]": () => [1.5],
  "[-1, -1]": () => [-1, -1],
  '["x"]': () => ["x"],
  "a ragged list": () => [1, [2]],
  "a list with holes": () => [1, , 3], // oxlint-disable-line no-sparse-arrays -- as users write them by mistake
  "[null]": () => [null],
  "a circular list": () => circular,
  "{}": () => ({}),
  "an unknown option": () => ({ bogus: 1 }),
  "an option of nothing": () => ({ axis: "bogus", dtype: 3, shape: -1 }),
  "an object without prototype": () => Object.assign(Object.create(null) as object, { bogus: 1 }),
  "an object of a class": () => new Thing(),
  "a date": () => new Date(0),
  "a map": () => new Map([[1, 2]]),
  "a promise": () => Promise.resolve(1),
  "a regular expression": () => /x/,
  "an ArrayBuffer": () => new ArrayBuffer(8),
  "a DataView": () => new DataView(new ArrayBuffer(8)),
  "a BigInt64Array": () => new BigInt64Array(2),
  "a Float32Array": () => new Float32Array(1000),
  "an empty Int32Array": () => new Int32Array(0),
  "an array of rank 0": () => np.zeros([]),
  "an empty array": () => np.zeros([0, 3]),
  "an array of rank 3": () => np.ones([2, 3, 4]),
  "an array of bools": () => np.array([true, false]),
  "an array of integers": () => np.arange(5),
  "an array of keys": () => random.split(random.key(0), 3),
  "a disposed array": disposed,
  "a proxy": () =>
    new Proxy(
      {},
      {
        get: () => {
          throw TRAPPED;
        },
      },
    ),
};

/** A value that suits a parameter, most of the time. */
function suited({ kind, fallback, how }: Param): unknown {
  if (how === "optional" || how === "named") return fallback;
  const values: { readonly [kind: string]: () => unknown } = {
    array: () =>
      np.array([
        [1, 2],
        [3, 4],
      ]),
    arrays: () => [np.ones([2]), np.ones([2])],
    key: () => random.key(0),
    dtype: () => "float32",
    axis: () => 0,
    axes: () => 0,
    integer: () => 1,
    size: () => 2,
    number: () => 0.5,
    flag: () => false,
    shape: () => [2, 2],
    integers: () => [1, 0],
    function: () => (x: unknown) => x,
    tree: () => ({ a: np.ones([2]) }),
    text: () => "ij",
    list: () => [],
  };
  return values[kind]?.() ?? 1;
}

/** Bytes that the devices hold; `memory()` walks over every array for more than that. */
function liveBytes(): number {
  settleIdle();
  return openDevices().reduce((sum, device) => sum + device.memory().live, 0);
}

/** A call that is not as it shall be. */
export interface Finding {
  readonly call: string;
  readonly what: string;
}

export interface Outcome {
  readonly calls: number;
  readonly errors: number;
  readonly findings: readonly Finding[];
}

const text = (error: unknown): string =>
  `${(error as Error)?.name ?? typeof error}: ${(error as Error)?.message ?? String(error)}`.slice(0, 200);

/** What is attacked: how errors name it, what it takes, and how it is called with arguments. */
export interface Target {
  readonly name: string;
  readonly params: readonly Param[];
  readonly call: (args: readonly unknown[]) => unknown;
}

/** Microseconds of processor time that a call may take; by the clock a call takes as long as other programs let it. */
const MOST_WORK = 1e6;

/** Calls a public function with every value of the table in every place, and by name where the declaration has one. */
export async function attack(fn: string, values?: readonly string[]): Promise<Outcome> {
  const f = find(fn);
  const declared = signatureOf(f);
  if (f === undefined || declared === undefined)
    return { calls: 0, errors: 0, findings: [{ call: fn, what: "is not declared" }] };
  return attackTarget({ ...declared, call: (args) => f(...args) }, values);
}

/** {@link attack} of anything that is declared. */
export async function attackTarget(
  { name, params, call: f }: Target,
  values: readonly string[] = Object.keys(BAD),
): Promise<Outcome> {
  const findings: Finding[] = [];
  let calls = 0;
  let errors = 0;
  const positional = params.filter(({ how }) => how !== "named");
  const requiredCount = params.filter(({ how }) => how === "required").length;
  const tryOne = async (call: string, make: () => unknown[]): Promise<void> => {
    calls++;
    let waiting: unknown;
    const args = make();
    const before = liveBytes();
    const judge = (error: unknown): void => {
      errors++;
      if (error === TRAPPED) return; // the user's own
      if (!(error instanceof WeftError)) findings.push({ call, what: `raw ${text(error)}` });
      else if (error.name === "InternalError") findings.push({ call, what: text(error) });
      else if (!error.message.startsWith(`${name}: `))
        findings.push({ call, what: `does not name ${name}: ${text(error)}` });
      if (liveBytes() > before)
        findings.push({ call, what: `leaves ${liveBytes() - before} bytes after ${text(error)}` });
    };
    const start = process.cpuUsage();
    try {
      scope(() => {
        const result = f(args);
        if (result instanceof Promise) waiting = result;
        return undefined;
      });
    } catch (error) {
      judge(error);
    }
    const { user, system } = process.cpuUsage(start);
    if (user + system > MOST_WORK) findings.push({ call, what: `takes ${Math.round((user + system) / 1000)} ms` });
    if (waiting instanceof Promise) await waiting.then(() => undefined, judge);
  };
  for (const value of values) {
    for (let at = 0; at <= positional.length; at++) {
      const make = (): unknown[] => {
        const args = positional.slice(0, Math.max(at + 1, requiredCount)).map(suited);
        args[at] = BAD[value]();
        return args;
      };
      await tryOne(`${name}(… ${value} at ${at})`, make);
    }
    for (const param of params) {
      if (param.how === "required" || param.how === "rest" || param.kind === "tree") continue;
      await tryOne(`${name}(… { ${param.name}: ${value} })`, () => [
        ...positional.slice(0, requiredCount).map(suited),
        { [param.name]: BAD[value]() },
      ]);
    }
  }
  return { calls, errors, findings };
}
