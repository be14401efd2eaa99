// Every feature of the generator against the interpreter: accesses, guards, grids, folds, phases, lanes.
import type { Kernel, MonoidName } from "@weft/ir";
import { DTypeError } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import type { GpuStorage } from "../../testing/check.ts";
import { blank, check, LANE, noise, random, STORAGES } from "../../testing/check.ts";
import { memoryOf, openAdapter, runWgsl } from "../../testing/dawn.ts";
import { interpreted } from "../../testing/oracle.ts";
import { emitWgsl, KernelLimitError, variantOf, workgroups } from "./index.ts";

const adapter = await openAdapter();
const onAdapter = adapter === null ? describe.skip : describe;

onAdapter("maps", () => {
  for (const storage of STORAGES) {
    it(`copy ${storage}`, async () => {
      for (const n of [0, 1, 3, 4, 5, 70, 1030]) {
        const b = new KernelBuilder();
        const i = b.axis("n");
        const [from, to] = [b.buffer(storage), b.buffer(storage, "write")];
        b.over(i).map([], b.store(to, b.at(0, [1, i]), b.load(from, b.at(0, [1, i]))));
        await check(adapter, b.build(), {
          buffers: [noise(storage, n), memoryOf(storage, n, () => 1)],
          dims: b.values({ n }),
          params: [],
        });
      }
    });

    it(`transposes, flips, repeats, slices and broadcasts ${storage}`, async () => {
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
      await check(adapter, b.build(), {
        buffers: [noise(storage, size), memoryOf(storage, 7 * size, () => 1)],
        dims,
        params: [],
      });
    });

    it(`pads ${storage} with guards, and gathers and digits`, async () => {
      const b = new KernelBuilder();
      const [r, c] = [b.axis("rows"), b.axis("cols")];
      const [x, ids, out] = [b.buffer(storage), b.buffer("i32"), b.buffer(storage, "write")];
      const row = b.at("minusTwo", [1, r]);
      const col = b.at("minusThree", [1, c]);
      const guard = b.guard([row, 0, "h"], [col, 0, "w"]);
      const other = b.constant(LANE[storage], 1);
      const where = b.load(ids, b.at(0, [1, c]));
      const linear = b.at(0, ["cols", r], [1, c]);
      const all = [
        b.load(x, b.at("start", ["w", r], [1, c]), guard, other),
        b.load(x, b.at(0, [2, c]), b.guard([b.at(0, [2, c]), 3, "size"]), null),
        b.load(x, b.at(0, [1, { value: where }])),
        b.load(x, b.at(0, ["w", b.digit(linear, 3, "h")], [1, b.digit(linear, "seven", "w")])),
        b.load(x, b.at(0, [1, b.digit(b.at(0, [5, r]), 2, "w")])),
      ];
      const place = (k: number): ReturnType<KernelBuilder["at"]> => b.at(`o${k}`, ["cols", r], [1, c]);
      b.over(r, c).map([], ...all.map((node, k) => b.store(out, place(k), node)));
      const [h, w, rows, cols] = [4, 19, 8, 27];
      const offsets = Object.fromEntries(all.map((_, k) => [`o${k}`, k * rows * cols]));
      const sizes = { rows, cols, h, w, minusTwo: -2, minusThree: -3, start: -2 * w - 3, size: h * w, seven: 7 };
      await check(adapter, b.build(), {
        buffers: [
          noise(storage, h * w),
          Int32Array.from({ length: cols }, () => random() % (h * w)),
          memoryOf(storage, all.length * rows * cols, () => 1),
        ],
        dims: b.values({ ...sizes, ...offsets }),
        params: [],
      });
    });
  }

  it("stores truth values at places that are no whole words", async () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const [x, out] = [b.buffer("bool"), b.buffer("bool", "write")];
    const value = b.load(x, b.at(0, [1, i]));
    b.over(i).map(
      [],
      b.store(out, b.at("one", [1, i]), value),
      b.store(out, b.at("far", ["two", i]), b.apply("mask", "not", value)),
      b.store(out, b.at("end", [-1, i]), value),
    );
    for (const n of [1, 6, 131]) {
      await check(adapter, b.build(), {
        buffers: [noise("bool", n), memoryOf("bool", 5 * n + 2, () => 1)],
        dims: b.values({ n, one: 1, far: n + 1, two: 2, end: 4 * n }),
        params: [],
      });
    }
  });

  it("iota, inside, and params of all lanes", async () => {
    const b = new KernelBuilder();
    const [r, c] = [b.axis("rows"), b.axis("cols")];
    const [out, flags, floats] = [b.buffer("i32", "write"), b.buffer("bool", "write"), b.buffer("f32", "write")];
    const at = b.at(0, ["cols", r], [1, c]);
    const index = b.index(b.at("base", ["step", r], [3, c], [1, b.digit(b.at(0, [1, c]), 2, null)]));
    const inside = b.inside(b.guard([b.at(0, [1, c], [-1, r]), 0, "cols"], [b.at(0, [1, r]), 1, 4]));
    const unsigned = b.apply("i32", "bitcast", b.param("u32"));
    const sum = b.apply("i32", "xor", b.apply("i32", "add", index, b.param("i32")), unsigned);
    const flag = b.apply("mask", "and", inside, b.param("mask"));
    b.over(r, c).map(
      [],
      b.store(out, at, sum),
      b.store(flags, at, flag),
      b.store(floats, at, b.apply("f32", "select", flag, b.param("f32"), b.constant("f32", 0.1))),
    );
    const [rows, cols] = [6, 11];
    for (const truth of [0, 1]) {
      await check(adapter, b.build(), {
        buffers: [blank("i32", rows * cols), blank("bool", rows * cols), blank("f32", rows * cols)],
        dims: b.values({ rows, cols, base: -5, step: 7 }),
        params: [0xfffffff0, 17, truth, 0.3],
      });
    }
  });

  it("constants of every kind", async () => {
    const b = new KernelBuilder();
    const values = [0, -0, 1, -1.5, 0.1, 1e-30, 3.4028234663852886e38, Infinity, -Infinity, NaN, 1e21, 16777217];
    const integers = [0, -1, 2147483647, -2147483648];
    const [floats, ints, uints] = [b.buffer("f32", "write"), b.buffer("i32", "write"), b.buffer("u32", "write")];
    b.over().map(
      [],
      ...values.map((value, k) => b.store(floats, b.at(k), b.constant("f32", value))),
      ...integers.map((value, k) => b.store(ints, b.at(k), b.constant("i32", value))),
      ...integers.map((value, k) => b.store(uints, b.at(k), b.constant("u32", value >>> 0))),
    );
    const buffers = [blank("f32", values.length), blank("i32", 4), blank("u32", 4)];
    await check(adapter, b.build(), { buffers, dims: [], params: [] }, 0);
  });

  it("works in place", async () => {
    for (const storage of ["f32", "bool"] as const) {
      const b = new KernelBuilder();
      const i = b.axis("n");
      const x = b.buffer(storage, "readwrite");
      const value = b.load(x, b.at(0, [1, i]));
      const next =
        storage === "bool" ? b.apply("mask", "not", value) : b.apply("f32", "add", value, b.constant("f32", 1));
      b.over(i).map([], b.store(x, b.at(0, [1, i]), next));
      await check(adapter, b.build(), { buffers: [noise(storage, 45)], dims: b.values({ n: 45 }), params: [] });
    }
  });

  it("81 taps with bases and weights at run time", async () => {
    const b = new KernelBuilder();
    const [r, c] = [b.axis("rows"), b.axis("cols")];
    const [x, w, out] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32", "write")];
    let sum = b.constant("f32", 0);
    for (let tap = 0; tap < 81; tap++) {
      const at = b.at(`t${tap}`, ["stride", r], [1, c]);
      sum = b.apply("f32", "add", sum, b.apply("f32", "mul", b.load(w, b.at(`w${tap}`)), b.load(x, at)));
    }
    b.over(r, c).map([], b.store(out, b.at(0, ["cols", r], [1, c]), sum));
    const [rows, cols, stride] = [3, 22, 30];
    const taps = Array.from({ length: 81 }, (_, k) => [`t${k}`, Math.floor(k / 9) * stride + (k % 9)] as const);
    const weights = Array.from({ length: 81 }, (_, k) => [`w${k}`, k] as const);
    const dims = b.values({ rows, cols, stride, ...Object.fromEntries(taps), ...Object.fromEntries(weights) });
    await check(adapter, b.build(), {
      buffers: [noise("f32", (rows + 8) * stride), noise("f32", 81), blank("f32", rows * cols)],
      dims,
      params: [],
    });
  });

  it("a grid of more than 65535 workgroups", async () => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const out = b.buffer("u32", "write");
    b.over(i).map([], b.store(out, b.at(0, [1, i]), b.apply("u32", "bitcast", b.index(b.at(7, [1, i])))));
    const n = 65_536 * 256 + 129;
    if (adapter === null) return;
    const dims = b.values({ n });
    const [result] = await runWgsl(adapter, b.build(), { buffers: [new Uint32Array(n)], dims, params: [] });
    expect(result.findIndex((x, k) => x !== k + 7)).toBe(-1);
  });
});

const MONOIDS: Record<(typeof LANE)[GpuStorage], readonly MonoidName[]> = {
  mask: ["and", "or", "xor", "min", "max"],
  i32: ["sum", "prod", "min", "max", "and", "or", "xor"],
  u32: ["sum", "prod", "min", "max", "and", "or", "xor"],
  f32: ["sum", "prod", "min", "max"],
};

function folding(
  storage: GpuStorage,
  form: "rows" | "columns" | "all",
  monoids: readonly MonoidName[] = MONOIDS[LANE[storage]],
): { kernel: Kernel; builder: KernelBuilder } {
  const b = new KernelBuilder();
  const lane = LANE[storage];
  const [r, c] = [b.axis("rows"), b.axis("cols")];
  const x = b.buffer(storage);
  const outs = monoids.map((name) => [
    b.buffer(storage, "write"),
    name.startsWith("arg") ? b.buffer("i32", "write") : -1,
  ]);
  const at = b.at(0, ["cols", r], [1, c]);
  const inner = form === "columns" ? [r] : form === "rows" ? [c] : [r, c];
  const grid = form === "columns" ? [c] : form === "rows" ? [r] : [];
  const value = b.load(x, at);
  const index = b.index(form === "columns" ? b.at(0, [1, r]) : form === "rows" ? b.at(0, [1, c]) : at);
  b.over(...grid).reduce(
    inner,
    monoids.map((monoid) => ({ monoid, lane, inputs: monoid.startsWith("arg") ? [value, index] : [value] })),
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

onAdapter("folds", () => {
  for (const storage of STORAGES) {
    for (const form of ["rows", "columns", "all"] as const) {
      for (const monoids of [MONOIDS[LANE[storage]], ["argmax", "argmin"] as const]) {
        it(`${monoids.join(" ")} of ${storage} over ${form}`, async () => {
          const sizes =
            form === "columns"
              ? [[300, 3]]
              : form === "rows"
                ? [
                    [5, 37],
                    [2, 600],
                  ]
                : [[3, 300]];
          for (const [rows, cols] of sizes) {
            const { kernel, builder } = folding(storage, form, monoids);
            const x =
              storage === "f32" || storage === "f16"
                ? memoryOf(storage, rows * cols, () => (random() % 64) / 32)
                : noise(storage, rows * cols);
            const outs = kernel.buffers
              .slice(1)
              .map((buffer) => blank(buffer.storage as GpuStorage, Math.max(rows, cols)));
            const dims = builder.values({ rows, cols });
            await check(adapter, kernel, { buffers: [x, ...outs], dims, params: [] }, 1e-4);
          }
        });
      }
    }
  }

  it("NaN, infinities, ties and nothing at all", async () => {
    const { kernel, builder } = folding("f32", "rows", ["max", "min", "argmax", "argmin"]);
    const cols = 429;
    const row = (fill: (i: number) => number): number[] => Array.from({ length: cols }, (_, i) => fill(i));
    const data = [
      ...row(() => 2),
      ...row((i) => (i === 321 || i === 326 ? NaN : i)),
      ...row((i) => (i % 4 === 3 ? 9 : -9)),
      ...row(() => -Infinity),
      ...row((i) => (i === 428 ? NaN : Infinity)),
      ...row((i) => (i % 2 === 0 ? 0 : -1)),
    ];
    const outs = kernel.buffers.slice(1).map((buffer) => blank(buffer.storage as GpuStorage, 6));
    const inputs = { buffers: [Float32Array.from(data), ...outs], params: [] };
    await check(adapter, kernel, { ...inputs, dims: builder.values({ rows: 6, cols }) }, 0);
    await check(adapter, kernel, { ...inputs, dims: builder.values({ rows: 6, cols: 0 }) }, 0);
  });

  it("softmax in one kernel, elsewhere and in place", async () => {
    for (const [storage, inPlace] of [
      ["f32", false],
      ["f32", true],
      ["f16", false],
      ["f16", true],
    ] as const) {
      const b = new KernelBuilder();
      const [r, c] = [b.axis("rows"), b.axis("cols")];
      const x = b.buffer(storage, inPlace ? "readwrite" : "read");
      const out = inPlace ? x : b.buffer(storage, "write");
      const at = b.at(0, ["cols", r], [1, c]);
      const value = b.load(x, at);
      const weight = b.apply("f32", "exp", b.apply("f32", "sub", value, b.result("f32", 0, 0)));
      b.over(r)
        .reduce([c], [{ monoid: "max", lane: "f32", inputs: [value] }])
        .reduce([c], [{ monoid: "sum", lane: "f32", inputs: [weight] }])
        .map([c], b.store(out, at, b.apply("f32", "div", weight, b.result("f32", 1, 0))));
      for (const cols of [2, 33, 700]) {
        const buffers = [noise(storage, 5 * cols), ...(inPlace ? [] : [blank(storage, 5 * cols)])];
        await check(adapter, b.build(), { buffers, dims: b.values({ rows: 5, cols }), params: [] });
      }
    }
  });

  it("a dot product contracts and an epilogue follows", async () => {
    const b = new KernelBuilder();
    const [r, c, k] = [b.axis("rows"), b.axis("cols"), b.axis("inner")];
    const [x, y, bias, out] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32"), b.buffer("f32", "write")];
    const [left, right] = [b.load(x, b.at(0, ["inner", r], [1, k])), b.load(y, b.at(0, ["cols", k], [1, c]))];
    const sum = b.apply("f32", "add", b.result("f32", 0, 0), b.load(bias, b.at(0, [1, c])));
    b.over(r, c)
      .reduce([k], [{ monoid: "sum", lane: "f32", inputs: [b.apply("f32", "mul", left, right)] }])
      .map([], b.store(out, b.at(0, ["cols", r], [1, c]), b.apply("f32", "max", sum, b.constant("f32", 0))));
    const [rows, cols, inner] = [4, 18, 90];
    await check(adapter, b.build(), {
      buffers: [noise("f32", rows * inner), noise("f32", inner * cols), noise("f32", cols), blank("f32", rows * cols)],
      dims: b.values({ rows, cols, inner }),
      params: [],
    });
  });

  it("pools padded windows of literal extents", async () => {
    for (const storage of STORAGES) {
      const b = new KernelBuilder();
      const lane = LANE[storage];
      const [r, c, i, j] = [b.axis("rows"), b.axis("cols"), b.axis(3), b.axis(3)];
      const [x, out, sums] = [b.buffer(storage), b.buffer(storage, "write"), b.buffer("i32", "write")];
      const guard = b.guard(
        [b.at("minusOne", [1, r], [1, i]), 0, "rows"],
        [b.at("minusOne", [1, c], [1, j]), 0, "cols"],
      );
      const at = b.at("start", ["cols", r], ["cols", i], [1, c], [1, j]);
      const value = b.load(x, at, guard, b.constant(lane, 0));
      const to = b.at(0, ["cols", r], [1, c]);
      b.over(r, c)
        .reduce(
          [i, j],
          [
            { monoid: "max", lane, inputs: [value] },
            { monoid: "sum", lane: "i32", inputs: [b.apply("i32", "convert", b.inside(guard))] },
          ],
        )
        .map([], b.store(out, to, b.result(lane, 0, 0)), b.store(sums, to, b.result("i32", 0, 1)));
      const [rows, cols] = [4, 21];
      await check(adapter, b.build(), {
        buffers: [noise(storage, rows * cols), blank(storage, rows * cols), blank("i32", rows * cols)],
        dims: b.values({ rows, cols, minusOne: -1, start: -cols - 1 }),
        params: [],
      });
    }
  });

  it("maps with inner axes, scatters through digits, and stores while it folds", async () => {
    const b = new KernelBuilder();
    const [r, i, j] = [b.axis("rows"), b.axis("n"), b.axis("m")];
    const [x, squares, turned, flags, out] = [
      b.buffer("f32"),
      b.buffer("f32", "readwrite"),
      b.buffer("f32", "write"),
      b.buffer("bool", "write"),
      b.buffer("f32", "write"),
    ];
    const at = b.at(0, ["size", r], ["m", i], [1, j]);
    const value = b.load(x, at);
    const linear = b.at(0, ["m", i], [1, j]);
    const rest = b.apply("f32", "sub", b.load(squares, at), b.result("f32", 0, 0));
    const place = b.at(0, ["size", r], ["n", b.digit(linear, 1, "m")], [1, b.digit(linear, "m", null)]);
    b.over(r)
      .reduce(
        [i, j],
        [{ monoid: "sum", lane: "f32", inputs: [value] }],
        b.store(squares, at, b.apply("f32", "mul", value, value)),
      )
      .map([i, j], b.store(turned, place, rest), b.store(flags, at, b.apply("mask", "gt", rest, value)))
      .map([], b.store(out, b.at(0, [1, r]), b.result("f32", 0, 0)));
    const [rows, n, m] = [3, 25, 14];
    const size = n * m;
    await check(adapter, b.build(), {
      buffers: [
        memoryOf("f32", rows * size, () => (random() % 64) / 4),
        blank("f32", rows * size),
        blank("f32", rows * size),
        blank("bool", rows * size),
        blank("f32", rows),
      ],
      dims: b.values({ rows, n, m, size }),
      params: [],
    });
  });
});

onAdapter("lanes", () => {
  const specials = [
    0,
    -0,
    1,
    -1,
    0.5,
    -2.75,
    3e9,
    -3e9,
    5e9,
    NaN,
    Infinity,
    -Infinity,
    2147483647,
    255,
    -256,
    16777217,
  ];
  for (const from of STORAGES) {
    for (const to of STORAGES) {
      it(`converts ${from} to ${to}`, async () => {
        const b = new KernelBuilder();
        const i = b.axis("n");
        const [x, out] = [b.buffer(from), b.buffer(to, "write")];
        b.over(i).map([], b.store(out, b.at(0, [1, i]), b.apply(LANE[to], "convert", b.load(x, b.at(0, [1, i])))));
        const n = 3000;
        const fill = (k: number): number => specials[k] ?? Math.imul(random() << 8, random()) >> (random() % 31);
        const buffers = [memoryOf(from, n, fill), blank(to, n)];
        await check(adapter, b.build(), { buffers, dims: b.values({ n }), params: [] }, 0);
      });
    }
  }

  it("bitcasts", async () => {
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
    b.over(i).map(
      [],
      b.store(ints, at, bits),
      b.store(uints, at, b.apply("u32", "bitcast", bits)),
      b.store(floats, at, b.apply("f32", "bitcast", b.apply("i32", "add", bits, b.constant("i32", 1)))),
    );
    const n = specials.length;
    const x0 = Float32Array.from(specials, (value) => (Number.isNaN(value) ? 7 : value));
    const buffers = [x0, blank("i32", n), blank("u32", n), blank("f32", n)];
    await check(adapter, b.build(), { buffers, dims: b.values({ n }), params: [] }, 1e-40);
  });

  it("threefry2x32 with keys from params, memory and per element", async () => {
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
    ];
    const stores = pairs.flatMap((pair, k) =>
      [0, 1].map((part) => b.store(out, b.at(`o${2 * k + part}`, ["cols", r], [1, c]), b.part("u32", pair, part))),
    );
    b.over(r, c).map([], ...stores);
    const [rows, cols] = [3, 21];
    const offsets = Object.fromEntries(stores.map((_, k) => [`o${k}`, k * rows * cols]));
    const buffers = [noise("u32", 2 * rows), blank("u32", 6 * rows * cols)];
    const dims = b.values({ rows, cols, ...offsets });
    await check(adapter, b.build(), { buffers, dims, params: [0xdeadbeef, 12345] }, 0);
    // a known answer of Random123
    const known = new KernelBuilder();
    const words = known.buffer("u32", "write");
    const k = known.constant("u32", 0);
    const pair = known.apply("u32", "threefry2x32", k, k, k, k);
    known
      .over()
      .map([], known.store(words, known.at(0), pair), known.store(words, known.at(1), known.part("u32", pair, 1)));
    const [result] = interpreted(known.build(), { buffers: [new Uint32Array(2)], dims: [], params: [] });
    expect(Array.from(result)).toEqual([0x6b200159, 0x99ba4efe]);
    await check(adapter, known.build(), { buffers: [new Uint32Array(2)], dims: [], params: [] }, 0);
  });
});

describe("texts and limits", () => {
  const options = { f16: false, subgroups: false, maxStorageBuffers: 8 };
  const copies = (storage: "f32" | "f64", count: number): Kernel => {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const [x, ...outs] = [b.buffer(storage), ...Array.from({ length: count }, () => b.buffer(storage, "write"))];
    const value = b.load(x, b.at(0, [1, i]));
    return b
      .over(i)
      .map([], ...outs.map((out) => b.store(out, b.at(0, [1, i]), value)))
      .build();
  };

  it("is the same for equal kernels", () => {
    expect(emitWgsl(copies("f32", 2), options).code).toBe(emitWgsl(copies("f32", 2), options).code);
  });
  it("refuses float64 and too many buffers by typed errors", () => {
    expect(() => emitWgsl(copies("f64", 1), options)).toThrow(DTypeError);
    expect(emitWgsl(copies("f32", 7), options).bindings).toHaveLength(8);
    expect(() => emitWgsl(copies("f32", 8), options)).toThrow(KernelLimitError);
  });
  it("spreads workgroups over three dimensions", () => {
    expect(workgroups(0)).toEqual([0, 1, 1]);
    expect(workgroups(65_535)).toEqual([65_535, 1, 1]);
    for (const count of [65_536, 1e6, 123_456_789, 5e9]) {
      const [x, y, z] = workgroups(count);
      expect(Math.max(x, y, z)).toBeLessThanOrEqual(65_535);
      expect(x * y * z).toBeGreaterThanOrEqual(count);
      expect(x * y * z).toBeLessThan(count * 1.001 + 65_536);
    }
  });
  it("gives long folds of few points a workgroup each, and short or strided ones an invocation", () => {
    const rows = folding("f32", "rows");
    const columns = folding("f32", "columns");
    const choose = ({ kernel, builder }: typeof rows, r: number, c: number): string =>
      variantOf(kernel, builder.values({ rows: r, cols: c }));
    expect(choose(rows, 10, 10_000)).toBe("group");
    expect(choose(rows, 100_000, 10_000)).toBe("group");
    expect(choose(rows, 10, 100)).toBe("point");
    expect(choose(columns, 10_000, 10)).toBe("group");
    expect(choose(columns, 10_000, 100_000)).toBe("point");
    expect(variantOf(rows.kernel, rows.builder.values({ rows: 100, cols: 10_000 }), 64)).toBe("point");
  });
});
