// Loop nests: inner loops under a vectorised grid, guards and gathers inside folds, phases that hand memory on, and
// addresses beyond 2 GiB.
import type { Kernel } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { blank, check, memoryOf, noise, random } from "../../testing/check.ts";
import { instantiate, memories, writeArgs } from "../../testing/harness.ts";
import { loadStencils } from "../stencils.ts";
import { emitKernel } from "./index.ts";

describe("inner loops", () => {
  for (const storage of ["f32", "f64", "bool", "i32"] as const) {
    for (const literal of [true, false]) {
      it(`pools padded windows of ${storage}, ${literal ? "literal" : "run-time"} extents`, () => {
        const b = new KernelBuilder();
        const lane = storage === "bool" ? "mask" : storage;
        const [r, c] = [b.axis("rows"), b.axis("cols")];
        const [i, j] = literal ? [b.axis(3), b.axis(3)] : [b.axis("kh"), b.axis("kw")];
        const [x, out, sums] = [b.buffer(storage), b.buffer(storage, "write"), b.buffer("i32", "write")];
        const row = b.at("minusOne", [1, r], [1, i]);
        const col = b.at("minusOne", [1, c], [1, j]);
        const guard = b.guard([row, 0, "rows"], [col, 0, "cols"]);
        const low = b.constant(lane, storage === "bool" ? 0 : -1000);
        const value = b.load(x, b.at("start", ["cols", r], ["cols", i], [1, c], [1, j]), guard, low);
        const count = b.apply("i32", "convert", b.inside(guard));
        const to = b.at(0, ["cols", r], [1, c]);
        b.over(r, c)
          .reduce(
            [i, j],
            [
              { monoid: "max", lane, inputs: [value] },
              { monoid: "sum", lane: "i32", inputs: [count] },
            ],
          )
          .map([], b.store(out, to, b.result(lane, 0, 0)), b.store(sums, to, b.result("i32", 0, 1)));
        const [rows, cols] = [4, 21];
        const dims = { rows, cols, minusOne: -1, start: -cols - 1, kh: 3, kw: 3 };
        check(b.build(), {
          buffers: [noise(storage, rows * cols), blank(storage, rows * cols), blank("i32", rows * cols)],
          dims: b.values(dims),
          params: [],
        });
      });
    }
  }

  it("sums gathered rows: an embedding bag", () => {
    const b = new KernelBuilder();
    const [bag, c, k] = [b.axis("bags"), b.axis("cols"), b.axis("words")];
    const [table, ids, weights, out] = [b.buffer("f32"), b.buffer("i32"), b.buffer("f64"), b.buffer("f32", "write")];
    const id = b.load(ids, b.at(0, ["words", bag], [1, k]));
    const weight = b.apply("f32", "convert", b.load(weights, b.at(0, [1, { value: id }])));
    const product = b.apply("f32", "mul", b.load(table, b.at(0, ["cols", { value: id }], [1, c])), weight);
    b.over(bag, c)
      .reduce([k], [{ monoid: "sum", lane: "f32", inputs: [product] }])
      .map([], b.store(out, b.at(0, ["cols", bag], [1, c]), b.result("f32", 0, 0)));
    const [bags, cols, words, vocabulary] = [3, 19, 6, 11];
    const buffers = [
      noise("f32", vocabulary * cols),
      memoryOf("i32", bags * words, () => random() % vocabulary),
      noise("f64", vocabulary),
      blank("f32", bags * cols),
    ];
    check(b.build(), { buffers, dims: b.values({ bags, cols, words }), params: [] });
  });

  it("sums what indices gather along the folded axis", () => {
    const b = new KernelBuilder();
    const [r, k] = [b.axis("rows"), b.axis("words")];
    const [table, ids, out] = [b.buffer("f64"), b.buffer("i32"), b.buffer("f64", "write")];
    const id = b.load(ids, b.at(0, ["words", r], [1, k]));
    b.over(r)
      .reduce([k], [{ monoid: "sum", lane: "f64", inputs: [b.load(table, b.at(0, [1, { value: id }]))] }])
      .map([], b.store(out, b.at(0, [1, r]), b.result("f64", 0, 0)));
    const [rows, words] = [4, 27];
    check(b.build(), {
      buffers: [noise("f64", 13), memoryOf("i32", rows * words, () => random() % 13), blank("f64", rows)],
      dims: b.values({ rows, words }),
      params: [],
    });
  });

  it("maps with inner axes, scatters through digits, and stores while it folds", () => {
    const b = new KernelBuilder();
    const [r, i, j] = [b.axis("rows"), b.axis("n"), b.axis("m")];
    const [x, squares, turned, out] = [
      b.buffer("f32"),
      b.buffer("f32", "readwrite"),
      b.buffer("f32", "write"),
      b.buffer("f32", "write"),
    ];
    const at = b.at(0, ["size", r], ["m", i], [1, j]);
    const value = b.load(x, at);
    const linear = b.at(0, ["m", i], [1, j]);
    b.over(r)
      .reduce(
        [i, j],
        [{ monoid: "sum", lane: "f32", inputs: [value] }],
        b.store(squares, at, b.apply("f32", "mul", value, value)),
      )
      .map(
        [i, j],
        b.store(
          turned,
          b.at(0, ["size", r], ["n", b.digit(linear, 1, "m")], [1, b.digit(linear, "m", null)]),
          b.apply("f32", "sub", b.load(squares, at), b.result("f32", 0, 0)),
        ),
      )
      .map([], b.store(out, b.at(0, [1, r]), b.result("f32", 0, 0)));
    const [rows, n, m] = [3, 5, 14];
    const size = n * m;
    check(b.build(), {
      buffers: [noise("f32", rows * size), blank("f32", rows * size), blank("f32", rows * size), blank("f32", rows)],
      dims: b.values({ rows, n, m, size }),
      params: [],
    });
  });

  it("folds what does not depend on the grid or on the folded axis", () => {
    const b = new KernelBuilder();
    const [r, k] = [b.axis("rows"), b.axis("n")];
    const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
    const one = b.constant("f32", 1);
    b.over(r)
      .reduce(
        [k],
        [
          { monoid: "sum", lane: "f32", inputs: [one] },
          { monoid: "sum", lane: "f32", inputs: [b.load(x, b.at(0, [1, k]))] },
          { monoid: "max", lane: "f32", inputs: [b.load(x, b.at(0, [1, r]))] },
        ],
      )
      .map(
        [],
        b.store(
          out,
          b.at(0, [1, r]),
          b.apply(
            "f32",
            "add",
            b.apply("f32", "div", b.result("f32", 0, 1), b.result("f32", 0, 0)),
            b.result("f32", 0, 2),
          ),
        ),
      );
    check(b.build(), { buffers: [noise("f32", 30), blank("f32", 7)], dims: b.values({ rows: 7, n: 30 }), params: [] });
  });

  it("is the same code for equal kernels", () => {
    const make = (): Kernel => {
      const b = new KernelBuilder();
      const i = b.axis("n");
      const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
      return b
        .over(i)
        .map([], b.store(out, b.at(0, [1, i]), b.apply("f32", "exp", b.load(x, b.at("base", [1, i])))))
        .build();
    };
    const options = { stencils: loadStencils("base"), shared: false };
    expect(emitKernel(make(), options)).toEqual(emitKernel(make(), options));
  });
});

describe("addresses", () => {
  it("beyond 2 GiB, contiguous, strided, reversed and gathered", () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const [x, ids, out] = [b.buffer("f32"), b.buffer("i32"), b.buffer("f32", "write")];
    const f = (left: number, right: number): number => b.apply("f32", "add", left, right);
    const gathered = b.load(x, b.at(0, [1, { value: b.load(ids, b.at(0, [1, i])) }]));
    const sum = f(
      f(b.load(x, b.at("far", [1, i])), b.load(x, b.at("far", ["two", i]))),
      f(b.load(x, b.at("end", [-1, i])), gathered),
    );
    b.over(i).map([], b.store(out, b.at(0, [1, i]), sum));
    const kernel = b.build();
    const n = 23;
    // One buffer from 1.5 GiB on, so that indices alone pass 2 GiB and byte offsets within it are large.
    const [args, base, far, ids0, out0] = [1024, 1.5 * 2 ** 30, 200_000_000, 2.625 * 2 ** 30, 2.75 * 2 ** 30];
    for (const build of ["base", "relaxed"] as const) {
      const memory = memories.create(47_000, true);
      writeArgs(
        new DataView(memory.buffer),
        args,
        kernel,
        [base, ids0, out0],
        b.values({ n, far, two: 2, end: far + n - 1 }),
        [],
      );
      const data = new Float32Array(memory.buffer, base + 4 * far, 2 * n);
      data.forEach((_, k) => (data[k] = k * k));
      const indices = new Int32Array(memory.buffer, ids0, n);
      indices.forEach((_, k) => (indices[k] = far + ((k * 5) % n)));
      instantiate(emitKernel(kernel, { stencils: loadStencils(build), shared: true }), memory)(args, 0, n, 0);
      const result = new Float32Array(memory.buffer, out0, n);
      expect(Array.from(result)).toEqual(
        Array.from({ length: n }, (_, k) => k ** 2 + (2 * k) ** 2 + (n - 1 - k) ** 2 + ((k * 5) % n) ** 2),
      );
    }
  });

  it("lanes that do not exist or are guarded out touch no memory", () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const [x, ids, out] = [b.buffer("f64"), b.buffer("i32"), b.buffer("f64", "write")];
    const f = (left: number, right: number): number => b.apply("f64", "add", left, right);
    const zero = b.constant("f64", 0);
    // The guard keeps index 0 only; all else would lie gigabytes beyond the memory, or before it.
    const only = b.guard([b.at(0, [1, i]), 0, 1]);
    const never = b.guard([b.at("n"), 0, "n"]);
    const strided = b.load(x, b.at(0, ["stride", i]));
    const gathered = b.load(x, b.at(0, [1, { value: b.load(ids, b.at(0, [1, i])) }]));
    const guarded = b.load(x, b.at(0, ["huge", i]), only, zero);
    const unit = b.load(x, b.at("huge", [1, i]), never, zero);
    const uniform = b.load(x, b.at("huge"), never, zero);
    const reversed = b.load(x, b.at(0, [-1, i]), only, zero);
    b.over(i).map(
      [],
      b.store(out, b.at(0, [1, i]), f(f(f(strided, gathered), f(guarded, unit)), f(uniform, reversed))),
    );
    const kernel = b.build();
    const stride = 500;
    for (const n of [1, 2, 3, 5, 6, 7, 18, 19]) {
      const memory = memories.create(2, false);
      // x ends 32 bytes before the memory does, which is all a plain vector may read too much.
      const length = (n - 1) * stride + 1;
      const at = memory.buffer.byteLength - 32 - 8 * length;
      const bytes = emitKernel(kernel, { stencils: loadStencils("base"), shared: false });
      // Behind the indices lie numbers that are no indices.
      new Int32Array(memory.buffer, 4096, n + 8).fill(0x0fffffff).fill(length - 1, 0, n);
      new Float64Array(memory.buffer, at, length).forEach((_, k, all) => (all[k] = k));
      writeArgs(
        new DataView(memory.buffer),
        1024,
        kernel,
        [at, 4096, 8192],
        b.values({ n, stride, huge: 0x0ffffff0 }),
        [],
      );
      instantiate(bytes, memory)(1024, 0, n, 0);
      const result = new Float64Array(memory.buffer, 8192, n);
      expect(Array.from(result)).toEqual(Array.from({ length: n }, (_, k) => k * stride + length - 1));
    }
  });
});
