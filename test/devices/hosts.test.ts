// Processes of Node that lack something or refuse it, by a switch of V8 or by a line before the import: what `init` says,
// and that what can be computed is, with the same bits. Pages are test/pages/hosts.test.ts.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { InitReport } from "@weft/api";
import { beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../workshop/sources.ts";

interface Outcome {
  readonly report: InitReport | null;
  readonly bits: readonly number[] | null;
  readonly thrown: string | null;
}

const PROGRAM = `
let report = null, bits = null, thrown = null;
try {
  const { init, numpy: np, random } = await import("@weft/api");
  report = await init();
  const a = random.uniform(random.key(1), [300, 200]);
  const product = np.sin(np.matmul(a, a.transpose()).mean(0)).add(np.arange(300).mul(0.1));
  const long = np.sin(np.arange(2e6)).sum().reshape(1);
  const values = await np.concatenate([product, np.exp(a).sum(1), long]).data();
  bits = [...new Uint32Array(values.buffer)];
} catch (error) {
  thrown = error.name + ": " + error.message;
}
process.stdout.write(JSON.stringify({ report, bits, thrown }));`;

/** Runs the program after `patch`: from the sources, or from dist where Node cannot strip types. */
async function run(patch: string, switches: readonly string[] = [], built = false): Promise<Outcome> {
  const source = built ? [] : ["--conditions=source"];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...source, ...switches, "--input-type=module", "-e", `${patch}\n${PROGRAM}`],
    { cwd: join(ROOT, "test") },
  );
  return JSON.parse(stdout) as Outcome;
}

let usual: Outcome;
beforeAll(async () => {
  usual = await run("");
  await promisify(execFile)(process.execPath, [join(ROOT, "scripts", "turbo.mjs"), "--quiet", "build"], { cwd: ROOT });
}, 300_000);

describe("a process", () => {
  test("that has everything", () => {
    expect(usual).toMatchObject({ thrown: null, report: { devices: ["wasm"], missing: {}, notes: [] } });
    expect(new Set(usual.bits).size).toBeGreaterThan(400);
  });

  const memory = (body: string): string =>
    `const Memory = WebAssembly.Memory; WebAssembly.Memory = function (limits) { ${body} };`;
  test.each([
    ["no SharedArrayBuffer", "delete globalThis.SharedArrayBuffer;", "this host has no SharedArrayBuffer"],
    [
      "no shared memory",
      memory('if (limits.shared) throw new RangeError("forbidden"); return new Memory(limits);'),
      "this host refuses shared memory (forbidden)",
    ],
    [
      "none of a useful size",
      memory('if (limits.shared && limits.maximum > 100) throw new RangeError("large"); return new Memory(limits);'),
      "this host grants no shared memory of 256 MiB",
    ],
    [
      "memory that is not shared when it is asked for",
      memory("return new Memory({ initial: limits.initial, maximum: limits.maximum });"),
      "this host's WebAssembly memory cannot be shared",
    ],
  ])("with %s has one thread, the same bits, and says why", async (_name, patch, reason) => {
    const { report, bits, thrown } = await run(patch);
    expect(thrown).toBeNull();
    expect(report).toMatchObject({ devices: ["wasm"], threads: 1, missing: {} });
    expect(report?.notes).toEqual([`wasm: one thread, because ${reason}`]);
    expect(bits).toEqual(usual.bits);
  });

  test("that may start no threads computes on its own, with the same bits", async () => {
    const { report, bits, thrown } = await run("", ["--permission", "--allow-fs-read=*"]);
    expect({ thrown, missing: report?.missing }).toEqual({ thrown: null, missing: {} });
    expect(bits).toEqual(usual.bits);
  });

  test.each([
    ["SIMD", "", ["--no-enable-sse4-1"], false, "this host's WebAssembly has no SIMD"],
    ["a compiler", "", ["--jitless"], true, "this host has no WebAssembly"],
    ["WebAssembly", "delete globalThis.WebAssembly;", [], true, "this host has no WebAssembly"],
    ["Atomics", "delete globalThis.Atomics;", [], false, "this host has no Atomics"],
    [
      "modules",
      'WebAssembly.Module = function () { throw new WebAssembly.CompileError("switched off") };',
      [],
      true,
      "this host compiles no WebAssembly (switched off)",
    ],
  ] as const)("without %s says so, and throws DeviceError at use", async (name, patch, switches, built, reason) => {
    const { report, thrown, bits } = await run(patch, switches, built);
    // the switch is x64's
    if (name === "SIMD" && process.arch !== "x64") return expect(bits).not.toBeNull();
    expect(report).toMatchObject({ devices: [], threads: 0, notes: [] });
    expect(report?.missing.wasm).toMatch(/^wasm: /u);
    expect(report?.missing.wasm).toContain(reason);
    expect(thrown).toMatch(/^DeviceError: [\w.]+: /u);
    expect(thrown).toContain(reason);
  });

  test("whose language is frozen computes the same bits, and errors have their names", async () => {
    const frozen =
      "for (const it of [Object, Array, Function, Error, TypeError, RangeError, Promise, Map, Set, WeakMap, String, Number, Symbol, Date, ArrayBuffer, Float32Array, Object.getPrototypeOf(Float32Array)]) { Object.freeze(it); Object.freeze(it.prototype); }";
    const { bits, thrown, report } = await run(frozen);
    expect({ thrown, notes: report?.notes }).toEqual({ thrown: null, notes: [] });
    expect(bits).toEqual(usual.bits);
    const named = await run(`${frozen} delete globalThis.Atomics;`);
    expect(named.thrown).toMatch(/^DeviceError: [\w.]+: wasm: this host has no Atomics$/u);
  });

  test("whose Object.prototype has been given properties computes the same bits", async () => {
    const names = ["axis", "keepdims", "dtype", "threads", "build", "maximumBytes", "devices", "auto", "software"];
    const { bits, thrown, report } = await run(
      `for (const name of ${JSON.stringify(names)}) Object.defineProperty(Object.prototype, name, { value: "poison", configurable: true });`,
    );
    expect({ thrown, missing: Object.keys(report?.missing ?? {}) }).toEqual({ thrown: null, missing: [] });
    expect(report?.threads).toBe(usual.report?.threads);
    expect(bits).toEqual(usual.bits);
  });

  test.each(["FinalizationRegistry", "WeakRef", "MessageChannel", "structuredClone", "Float16Array"])(
    "without %s computes the same bits",
    async (name) => {
      const { report, bits, thrown } = await run(`delete globalThis.${name};`);
      expect(thrown).toBeNull();
      expect(bits).toEqual(usual.bits);
      expect(report?.notes ?? []).toHaveLength(name === "FinalizationRegistry" ? 1 : 0);
    },
  );
});
