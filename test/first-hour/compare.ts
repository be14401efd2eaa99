// The programs of this folder by name, and their numbers against JAX's. Training runs compound roundings, hence the
// tolerance. Throws plain errors and needs no test runner.
import { deviceGet, NDArray } from "@weft/api";
import { readText } from "../support/files.ts";
import type { Numbers } from "./models.ts";
import * as models from "./models.ts";
import * as numerics from "./numerics.ts";

/** What JAX gives: golden.json, made by golden.py with jax 0.10.2 on CPU. */
export const golden = JSON.parse(await readText(new URL("./golden.json", import.meta.url))) as Readonly<
  Record<string, Numbers>
>;
export const programs: Readonly<Record<string, () => Numbers>> = { ...models, ...numerics };

/** Programs that decide by values they read on the way, which needs a device that can block. */
export const READING: ReadonlySet<string> = new Set(["newton", "power"]);

/** Arrays as nested lists of numbers. */
async function read(value: unknown): Promise<unknown> {
  if (value instanceof NDArray) return (await deviceGet([value]))[0].tolist();
  if (Array.isArray(value)) return Promise.all(value.map(read));
  return value;
}

/** Equal structure, strings, booleans and integers; floats within 1e-4 of the larger of 1 and the value. */
function compare(actual: unknown, expected: unknown, path: string): void {
  const fail = (): never => {
    throw new Error(`${path}: ${JSON.stringify(actual)} for ${JSON.stringify(expected)}`);
  };
  if (typeof expected === "number" && typeof actual === "number") {
    if (!Object.is(actual, expected) && !(Math.abs(actual - expected) <= 1e-4 * Math.max(1, Math.abs(expected))))
      fail();
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    if (actual.length !== expected.length) fail();
    expected.forEach((value, i) => compare(actual[i], value, `${path}[${i}]`));
  } else if (!Object.is(actual, expected)) fail();
}

/** Runs a program on the default device and holds its numbers against JAX's. */
export async function checkProgram(name: string): Promise<void> {
  const numbers = programs[name]();
  const names = Object.keys(golden[name]).sort().join();
  if (Object.keys(numbers).sort().join() !== names)
    throw new Error(`${name}: gives ${Object.keys(numbers).join()}, expected ${names}`);
  for (const [key, expected] of Object.entries(golden[name]))
    compare(await read(numbers[key]), expected, `${name}.${key}`);
}
