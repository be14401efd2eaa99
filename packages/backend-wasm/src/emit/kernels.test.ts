// Every feature of the emitter against the plain interpreter: accesses, guards, grids, folds, phases, lanes.
import type { Kernel, Lane, MonoidName, StorageType } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { blank, check, LANE, memoryOf, noise, random, STORAGES } from "../../testing/check.ts";
import { threefry } from "../../testing/interpreter.ts";

describe("maps", () => {
  for (const storage of STORAGES) {
    for (const n of [1, 3, 4, 5, 16, 31, 70]) {
      it(`copy ${storage}[${n}]`, () => {
        const b = new KernelBuilder();
        const i = b.axis("n");
        const [from, to] = [b.buffer(storage), b.buffer(storage, "write")];
        b.over(i).map([], b.store(to, b.at(0, [1, i]), b.load(from, b.at(0, [1, i]))));
        check(b.build(), { buffers: [noise(storage, n), blank(storage, n)], dims: b.values({ n }), params: [] });
      });
    }

    it(`transposes, flips, repeats, slices and broadcasts ${storage}`, () => {
      const b = new KernelBuilder();
      const [r, c] = [b.axis("rows"), b.axis("cols")];
      const [x, out] = [b.buffer(storage), b.buffer(storage, "write")];
      const place = (k: string): ReturnType<KernelBuilder["at"]> => b.at(k, ["cols", r], [1, c]);
      b.over(r, c).map(
        [],
        b.store(out, place("o0"), b.load(x, b.at(0, [1, r], ["rows", c]))),
        b.store(out, place("o1"), b.load(x, b.at("last", ["cols", r], [-1, c]))),
        b.store(out, place("o2"), b.load(x, b.at(0, ["cols", r]))),
        b.store(out, place("o3"), b.load(x, b.at(3, [2, c]))),
        b.store(out, place("o4"), b.load(x, b.at("base", ["minus", c]))),
        b.store(out, place("o5"), b.load(x, b.at(2))),
        b.store(out, b.at("o6", ["rows", c], [1, r]), b.load(x, b.at(0, ["cols", r], [1, c]))),
      );
      const [rows, cols] = [5, 13];
      const size = rows * cols;
      const offsets = Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map((k) => [`o${k}`, k * size]));
      const dims = b.values({ rows, cols, last: cols - 1, base: 2 * cols, minus: -2, ...offsets });
      check(b.build(), { buffers: [noise(storage, size), blank(storage, 7 * size)], dims, params: [] });
    });

    it(`pads ${storage} with guards, and gathers and digits`, () => {
      const b = new KernelBuilder();
      const [r, c] = [b.axis("rows"), b.axis("cols")];
      const [x, ids, out] = [b.buffer(storage), b.buffer("i32"), b.buffer(storage, "write")];
      const row = b.at("minusTwo", [1, r]);
      const col = b.at("minusThree", [1, c]);
      const guard = b.guard([row, 0, "h"], [col, 0, "w"]);
      const other = b.constant(LANE[storage], 1);
      const padded = b.load(x, b.at("start", ["w", r], [1, c]), guard, other);
      const flipped = b.load(x, b.at("flipStart", ["w", r], [-1, c]), guard, b.constant(LANE[storage], 0));
      const stepped = b.load(x, b.at(0, [2, c]), b.guard([b.at(0, [2, c]), 3, "size"]), null);
      const oneRow = b.load(x, b.at("rowStart", ["w", r]), b.guard([row, 0, "h"]), other);
      const where = b.load(ids, b.at(0, [1, c]));
      const gathered = b.load(x, b.at(0, [1, { value: where }]));
      const byRow = b.load(
        x,
        b.at(0, [1, { value: b.load(ids, b.at(0, [1, r])) }], [1, c]),
        b.guard([b.at(0, [1, c]), 0, "w"]),
        other,
      );
      const linear = b.at(0, ["cols", r], [1, c]);
      const digits = b.load(x, b.at(0, ["w", b.digit(linear, 3, "h")], [1, b.digit(linear, "seven", "w")]));
      const fromRow = b.load(x, b.at(0, [1, b.digit(b.at(0, [5, r]), 2, "w")]));
      const place = (k: number): ReturnType<KernelBuilder["at"]> => b.at(`o${k}`, ["cols", r], [1, c]);
      const all = [padded, flipped, stepped, oneRow, gathered, byRow, digits, fromRow];
      b.over(r, c).map([], ...all.map((node, k) => b.store(out, place(k), node)));
      const [h, w, rows, cols] = [4, 19, 8, 27];
      const offsets = Object.fromEntries(all.map((_, k) => [`o${k}`, k * rows * cols]));
      const dims = b.values({
        rows,
        cols,
        h,
        w,
        minusTwo: -2,
        minusThree: -3,
        start: -2 * w - 3,
        flipStart: -2 * w + w + 2,
        rowStart: -2 * w,
        size: h * w,
        seven: 7,
        ...offsets,
      });
      const indices = Int32Array.from({ length: cols }, () => random() % (h * w - cols));
      check(b.build(), {
        buffers: [noise(storage, h * w), indices, blank(storage, all.length * rows * cols)],
        dims,
        params: [],
      });
    });
  }

  it("iota, inside, params of all lanes and more than are held", () => {
    const b = new KernelBuilder();
    const [r, c] = [b.axis("rows"), b.axis("cols")];
    const [out, flags, doubles] = [b.buffer("i32", "write"), b.buffer("bool", "write"), b.buffer("f64", "write")];
    const at = b.at(0, ["cols", r], [1, c]);
    const index = b.index(b.at("base", ["step", r], [3, c], [1, b.digit(b.at(0, [1, c]), 2, null)]));
    const inside = b.inside(b.guard([b.at(0, [1, c], [-1, r]), 0, "cols"], [b.at(0, [1, r]), 1, 4]));
    let sum = b.apply("i32", "add", index, b.param("i32"));
    for (let k = 0; k < 40; k++) sum = b.apply("i32", k % 2 === 0 ? "add" : "xor", sum, b.param("i32"));
    let wide = b.apply("f64", "convert", b.param("f32"));
    for (let k = 0; k < 20; k++)
      wide = b.apply("f64", "add", wide, b.apply("f64", "mul", b.param("f64"), b.apply("f64", "convert", index)));
    const flag = b.apply("mask", "and", inside, b.param("mask"));
    b.over(r, c).map(
      [],
      b.store(out, at, sum),
      b.store(flags, at, flag),
      b.store(doubles, at, b.apply("f64", "select", flag, wide, b.constant("f64", -0))),
    );
    const [rows, cols] = [6, 11];
    const params = [
      17,
      ...Array.from({ length: 40 }, (_, k) => k * 31),
      0.5,
      ...Array.from({ length: 20 }, (_, k) => k / 4),
      1,
    ];
    check(b.build(), {
      buffers: [blank("i32", rows * cols), blank("bool", rows * cols), blank("f64", rows * cols)],
      dims: b.values({ rows, cols, base: -5, step: 7 }),
      params,
    });
  });

  it("a grid of no axes, and axes of size one", () => {
    const b = new KernelBuilder();
    const one = b.axis(1);
    const [x, out] = [b.buffer("f64"), b.buffer("f64", "write")];
    b.over(one).map(
      [],
      b.store(out, b.at(1), b.apply("f64", "mul", b.load(x, b.at(0, [1, one])), b.constant("f64", 3))),
    );
    check(b.build(), { buffers: [Float64Array.of(1.5), blank("f64", 3)], dims: [], params: [] });
  });

  it("an empty range and an empty inner axis touch nothing", () => {
    const b = new KernelBuilder();
    const [i, k] = [b.axis("n"), b.axis("m")];
    const [x, out] = [b.buffer("f32"), b.buffer("f32", "write")];
    b.over(i)
      .reduce(
        [k],
        [
          {
            monoid: "max",
            lane: "f32",
            inputs: [b.load(x, b.at(0, ["m", i], [1, b.digit(b.at(0, [1, k]), "m", null)]))],
          },
        ],
      )
      .map([], b.store(out, b.at(0, [1, i]), b.result("f32", 0, 0)));
    const kernel = b.build();
    check(kernel, { buffers: [blank("f32", 0), blank("f32", 5)], dims: b.values({ n: 5, m: 0 }), params: [] });
    check(kernel, { buffers: [blank("f32", 0), blank("f32", 0)], dims: b.values({ n: 0, m: 0 }), params: [] });
  });

  it("works in place", () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const x = b.buffer("f32", "readwrite");
    b.over(i).map(
      [],
      b.store(x, b.at(0, [1, i]), b.apply("f32", "add", b.load(x, b.at(0, [1, i])), b.constant("f32", 1))),
    );
    check(b.build(), { buffers: [noise("f32", 45)], dims: b.values({ n: 45 }), params: [] });
  });

  it("81 taps with bases and weights at run time", () => {
    const b = new KernelBuilder();
    const [r, c] = [b.axis("rows"), b.axis("cols")];
    const [x, w, out] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32", "write")];
    let sum = b.constant("f32", 0);
    for (let tap = 0; tap < 81; tap++) {
      const product = b.apply(
        "f32",
        "mul",
        b.load(w, b.at(`w${tap}`)),
        b.load(x, b.at(`t${tap}`, ["stride", r], [1, c])),
      );
      sum = tap === 0 ? product : b.apply("f32", "add", sum, product);
    }
    b.over(r, c).map([], b.store(out, b.at(0, ["cols", r], [1, c]), sum));
    const [rows, cols, stride] = [3, 22, 30];
    const taps = Object.fromEntries(
      Array.from({ length: 81 }, (_, k) => [`t${k}`, Math.floor(k / 9) * stride + (k % 9)]),
    );
    const weights = Object.fromEntries(Array.from({ length: 81 }, (_, k) => [`w${k}`, k]));
    check(b.build(), {
      buffers: [noise("f32", (rows + 8) * stride), noise("f32", 81), blank("f32", rows * cols)],
      dims: b.values({ rows, cols, stride, ...taps, ...weights }),
      params: [],
    });
  });
});

const MONOIDS: Record<Lane, readonly MonoidName[]> = {
  mask: ["and", "or", "xor", "min", "max", "argmax", "argmin"],
  i32: ["sum", "prod", "min", "max", "and", "or", "xor", "argmax", "argmin"],
  u32: ["sum", "prod", "min", "max", "and", "or", "xor", "argmax", "argmin"],
  f32: ["sum", "prod", "min", "max", "argmax", "argmin"],
  f64: ["sum", "prod", "min", "max", "argmax", "argmin"],
};

function folding(
  storage: StorageType,
  form: "rows" | "columns" | "all" | "rank2" | "short",
): { kernel: Kernel; builder: KernelBuilder } {
  const b = new KernelBuilder();
  const lane = LANE[storage];
  const [r, c] = [b.axis("rows"), form === "short" ? b.axis(5) : b.axis("cols")];
  const x = b.buffer(storage);
  const outs = MONOIDS[lane].map((name) => [
    b.buffer(storage, "write"),
    name.startsWith("arg") ? b.buffer("i32", "write") : -1,
  ]);
  const at = b.at(0, ["cols", r], [1, c]);
  const inner = form === "columns" ? [r] : form === "rows" || form === "short" ? [c] : [r, c];
  const grid = form === "columns" ? [c] : form === "rows" || form === "short" ? [r] : [];
  const value = b.load(x, at);
  const index = b.index(
    form === "columns" ? b.at(0, [1, r]) : form === "rows" || form === "short" ? b.at(0, [1, c]) : at,
  );
  b.over(...grid).reduce(
    inner,
    MONOIDS[lane].map((monoid) => ({ monoid, lane, inputs: monoid.startsWith("arg") ? [value, index] : [value] })),
  );
  const to = b.at(0, ...grid.map((axis): [number, number] => [1, axis]));
  const stores = outs.flatMap(([out, indices], fold) => {
    const list = [b.store(out, to, b.result(lane, 0, fold))];
    if (indices >= 0) list.push(b.store(indices, to, b.result("i32", 0, fold, 1)));
    return list;
  });
  b.map([], ...stores);
  return { kernel: b.build(), builder: b };
}

describe("folds", () => {
  for (const storage of STORAGES) {
    for (const form of ["rows", "columns", "all", "rank2", "short"] as const) {
      for (const cols of form === "short" ? [5] : [1, 6, 37]) {
        it(`${storage} over ${form}, ${cols} columns`, () => {
          const { kernel, builder } = folding(storage, form);
          const rows = 7;
          const x = storage.startsWith("f")
            ? memoryOf(storage, rows * cols, () => (random() % 64) / 32)
            : noise(storage, rows * cols);
          const outs = kernel.buffers.slice(1).map((buffer) => blank(buffer.storage, Math.max(rows, cols)));
          check(kernel, { buffers: [x, ...outs], dims: builder.values({ rows, cols }), params: [] });
        });
      }
    }
  }

  for (const storage of ["f32", "f64"] as const) {
    it(`NaN and ties of ${storage}`, () => {
      const { kernel, builder } = folding(storage, "rows");
      const cols = 29;
      const row = (fill: (i: number) => number): number[] => Array.from({ length: cols }, (_, i) => fill(i));
      const data = [
        ...row(() => 2),
        ...row((i) => (i === 21 || i === 26 ? NaN : i)),
        ...row((i) => (i % 4 === 3 ? 9 : -9)),
        ...row(() => -Infinity),
        ...row((i) => (i === 28 ? NaN : Infinity)),
        ...row((i) => (i % 2 === 0 ? 0 : -1)),
      ];
      const x = memoryOf(storage, data.length, (i) => data[i]);
      const outs = kernel.buffers.slice(1).map((buffer) => blank(buffer.storage, 6));
      check(kernel, { buffers: [x, ...outs], dims: builder.values({ rows: 6, cols }), params: [] });
    });

    it(`softmax of ${storage} in one kernel`, () => {
      const b = new KernelBuilder();
      const [r, c] = [b.axis("rows"), b.axis("cols")];
      const [x, out] = [b.buffer(storage), b.buffer(storage, "write")];
      const at = b.at(0, ["cols", r], [1, c]);
      const value = b.load(x, at);
      const shifted = b.apply(storage, "sub", value, b.result(storage, 0, 0));
      // f64 has its own functions elsewhere; squares are enough to show the phases.
      const weight = storage === "f32" ? b.apply(storage, "exp", shifted) : b.apply(storage, "mul", shifted, shifted);
      b.over(r)
        .reduce([c], [{ monoid: "max", lane: storage, inputs: [value] }])
        .reduce([c], [{ monoid: "sum", lane: storage, inputs: [weight] }])
        .map([c], b.store(out, at, b.apply(storage, "div", weight, b.result(storage, 1, 0))));
      for (const cols of [2, 9, 33]) {
        check(b.build(), {
          buffers: [noise(storage, 5 * cols), blank(storage, 5 * cols)],
          dims: b.values({ rows: 5, cols }),
          params: [],
        });
      }
    });
  }

  it("a dot product contracts and an epilogue follows", () => {
    const b = new KernelBuilder();
    const [r, c, k] = [b.axis("rows"), b.axis("cols"), b.axis("inner")];
    const [x, y, bias, out] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32"), b.buffer("f32", "write")];
    const product = b.apply(
      "f32",
      "mul",
      b.load(x, b.at(0, ["inner", r], [1, k])),
      b.load(y, b.at(0, ["cols", k], [1, c])),
    );
    b.over(r, c)
      .reduce([k], [{ monoid: "sum", lane: "f32", inputs: [product] }])
      .map(
        [],
        b.store(
          out,
          b.at(0, ["cols", r], [1, c]),
          b.apply(
            "f32",
            "max",
            b.apply("f32", "add", b.result("f32", 0, 0), b.load(bias, b.at(0, [1, c]))),
            b.constant("f32", 0),
          ),
        ),
      );
    const [rows, cols, inner] = [4, 18, 9];
    check(b.build(), {
      buffers: [noise("f32", rows * inner), noise("f32", inner * cols), noise("f32", cols), blank("f32", rows * cols)],
      dims: b.values({ rows, cols, inner }),
      params: [],
    });
  });
});

describe("lanes", () => {
  const specials = [0, -0, 1, -1, 0.5, -2.75, 3e9, -3e9, 5e9, NaN, Infinity, -Infinity, 2147483647, 1e-40, 255, -256];
  for (const from of STORAGES) {
    for (const to of STORAGES) {
      it(`converts ${from} to ${to}`, () => {
        const b = new KernelBuilder();
        const i = b.axis("n");
        const [x, out] = [b.buffer(from), b.buffer(to, "write")];
        b.over(i).map([], b.store(out, b.at(0, [1, i]), b.apply(LANE[to], "convert", b.load(x, b.at(0, [1, i])))));
        const n = specials.length + 3;
        check(
          b.build(),
          {
            buffers: [memoryOf(from, n, (k) => specials[k % specials.length]), blank(to, n)],
            dims: b.values({ n }),
            params: [],
          },
          1e-7,
        );
      });
    }
  }

  it("bitcasts", () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const [x, ints, uints, floats] = [
      b.buffer("f32"),
      b.buffer("i32", "write"),
      b.buffer("u32", "write"),
      b.buffer("f32", "write"),
    ];
    const at = b.at(0, [1, i]);
    const bits = b.apply("i32", "bitcast", b.load(x, at));
    const next = b.apply("i32", "add", bits, b.constant("i32", 1));
    b.over(i).map(
      [],
      b.store(ints, at, bits),
      b.store(uints, at, b.apply("u32", "bitcast", bits)),
      b.store(floats, at, b.apply("f32", "bitcast", next)),
    );
    const n = specials.length;
    const x0 = Float32Array.from(specials, (value) => (Number.isNaN(value) ? 7 : value));
    check(
      b.build(),
      { buffers: [x0, blank("i32", n), blank("u32", n), blank("f32", n)], dims: b.values({ n }), params: [] },
      0,
    );
  });

  it("threefry2x32 with keys from params, memory and per element", () => {
    const b = new KernelBuilder();
    const [r, c] = [b.axis("rows"), b.axis("cols")];
    const [keys, out] = [b.buffer("u32"), b.buffer("u32", "write")];
    const counter = b.apply("u32", "bitcast", b.index(b.at(0, ["cols", r], [1, c])));
    const zero = b.constant("u32", 0);
    const [p0, p1] = [b.param("u32"), b.param("u32")];
    const pairs = [
      b.apply("u32", "threefry2x32", p0, p1, zero, counter),
      b.apply("u32", "threefry2x32", b.load(keys, b.at(0, [2, r])), b.load(keys, b.at(1, [2, r])), counter, zero),
      b.apply("u32", "threefry2x32", counter, p0, counter, p1),
      b.apply("u32", "threefry2x32", zero, p0, zero, p1),
    ];
    const stores = pairs.flatMap((pair, k) =>
      [0, 1].map((part) => b.store(out, b.at(`o${2 * k + part}`, ["cols", r], [1, c]), b.part("u32", pair, part))),
    );
    b.over(r, c).map([], ...stores);
    const [rows, cols] = [3, 21];
    const offsets = Object.fromEntries(stores.map((_, k) => [`o${k}`, k * rows * cols]));
    check(
      b.build(),
      {
        buffers: [noise("u32", 2 * rows), blank("u32", 8 * rows * cols)],
        dims: b.values({ rows, cols, ...offsets }),
        params: [0xdeadbeef, 12345],
      },
      0,
    );
    // Known answers of Random123.
    expect(threefry(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
  });
});
