// The conformance matrix: every primitive, every dtype, on every backend and number of threads, against the float64
// reference within the row's bound in units in the last place.
import { createWasmBackend } from "@weft/backend-wasm";
import type { Backend } from "@weft/ir";
import { createInterpreter } from "@weft/scheduler";
import { afterAll, describe, test } from "vitest";
import { checkNothingLeft } from "../support/collect.ts";
import { thin } from "../support/thin.ts";
import { CASES, kindOf } from "./cases.ts";
import { checkCase, checkCaseAwaited } from "./matrix.ts";

const relaxed = WebAssembly.validate(
  Uint8Array.from([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
    253, 128, 2, 11,
  ]),
);
if (!relaxed) console.warn("conformance: this host has no relaxed SIMD; only the base build is tested");

const BACKENDS: readonly (readonly [string, () => Backend])[] = [
  ["interpreter", () => createInterpreter()],
  ["wasm base, 1 thread", () => createWasmBackend({ threads: 1, build: "base" })],
  ["wasm base, 3 threads", () => createWasmBackend({ threads: 3, build: "base" })],
  ...(relaxed
    ? ([
        ["wasm relaxed, 1 thread", () => createWasmBackend({ threads: 1, build: "relaxed" })],
        ["wasm relaxed, 2 threads", () => createWasmBackend({ threads: 2, build: "relaxed" })],
      ] as const)
    : []),
];

describe.each(BACKENDS)("values on %s", (_name, make) => {
  const backend = make();
  afterAll(async () => {
    await checkNothingLeft(backend);
    await backend.close();
  });

  test.each(CASES)("$title", (c) => checkCase(c, backend));
});

describe("values on wasm, awaited", () => {
  const backend = createWasmBackend({ threads: 2 });
  afterAll(async () => {
    await checkNothingLeft(backend);
    await backend.close();
  });

  test.each(thin(CASES, 5, kindOf))("$title", (c) => checkCaseAwaited(c, backend));
});
