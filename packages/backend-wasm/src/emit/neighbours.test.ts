// A value's bits may not depend on its neighbours in a vector: grids are cut anywhere, and partial vectors hold
// whatever lies behind the data. Stencils with a rare branch for extreme lanes must keep the other lanes as they are.
import type { ScalarFn } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { runEmitted } from "../../testing/harness.ts";
import { loadStencils } from "../stencils.ts";

const UNARY: readonly ScalarFn[] = [
  "exp",
  "expm1",
  "log",
  "log1p",
  "logistic",
  "sqrt",
  "rsqrt",
  "sin",
  "cos",
  "tanh",
  "erf",
  "erfInv",
  "floor",
  "roundAway",
];
const BINARY: readonly ScalarFn[] = ["div", "rem", "pow", "atan2", "max", "min"];
const EXTREME = [1e30, -1e30, 1e-40, NaN, Infinity, -Infinity, 0, -0, 90, -100, 12345, -1e9, 0.999999, -1];

describe("neighbours in a vector", () => {
  for (const build of ["base", "relaxed"] as const) {
    for (const storage of ["f32", "f64"] as const) {
      for (const fn of [...UNARY, ...BINARY]) {
        it.runIf(loadStencils(build).has(`${fn}_${storage}`))(`${fn} of ${storage} (${build})`, () => {
          const b = new KernelBuilder();
          const i = b.axis("n");
          const [x, y, out] = [b.buffer(storage), b.buffer(storage), b.buffer(storage, "write")];
          const at = b.at(0, [1, i]);
          const args = UNARY.includes(fn) ? [b.load(x, at)] : [b.load(x, at), b.load(y, at)];
          b.over(i).map([], b.store(out, at, b.apply(storage, fn, ...args)));
          const n = 240;
          // Ordinary numbers with an extreme one every third place, so that vectors mix them in all ways.
          const value = (k: number): number =>
            k % 3 === 0 ? EXTREME[(k / 3) % EXTREME.length] : Math.sin(k * 1.7) * (k % 2 === 0 ? 0.9 : 30);
          const make = (of: (k: number) => number) =>
            storage === "f32"
              ? Float32Array.from({ length: n }, (_, k) => of(k))
              : Float64Array.from({ length: n }, (_, k) => of(k));
          const inputs = () => ({
            buffers: [make(value), make((k) => value(k * 7 + 1)), make(() => 0)],
            dims: [n],
            params: [],
          });
          const [, , whole] = runEmitted(b.build(), inputs(), { build });
          for (const shift of [1, 2, 3]) {
            const [, , cut] = runEmitted(b.build(), inputs(), { build, unroll: 1, cuts: [shift, n] });
            const wrong = Array.from(cut, (bits, k) =>
              Object.is(bits, whole[k]) ? "" : `${k}: ${value(k)} gives ${bits} and ${whole[k]}`,
            ).filter((text) => text !== "");
            expect(wrong).toEqual([]);
          }
        });
      }
    }
  }
});
