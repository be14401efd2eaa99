// What shader compilers make of arithmetic they see as a whole. A search over pairs and triples of operations on special
// values finds every rewrite that changes a result (without barriers 41 of 2,800 pairs on SwiftShader, 116 on lavapipe);
// the text says that barriers stand where they are needed, and nowhere else.
import type { NodeId } from "@weft/ir";
import { describe, expect, it } from "vitest";
import { KernelBuilder } from "../../testing/build.ts";
import { memoryOf, openAdapter, runWgsl } from "../../testing/dawn.ts";
import type { Adapter } from "../../testing/dawn.ts";
import type { Expression, Fn } from "../../testing/expressions.ts";
import { allowed, choices, exactly, of, printed } from "../../testing/expressions.ts";
import { needsCorrection } from "../probe.ts";
import { emitWgsl } from "./index.ts";

const adapter = await openAdapter();
const onAdapter = adapter === null ? describe.skip : describe;

const VALUES = [0, 1, -1, Infinity, -Infinity, NaN, 3e38, -3e38, 2e-38, 3, 1e8].map(Math.fround);
const PARAM = 2.5;
const CONSTANTS: Readonly<Record<string, number>> = { "0": 0, "1": 1, p: PARAM };
const POINTS = VALUES.flatMap((x) => VALUES.flatMap((y) => [1, Infinity, 3e38].map((z) => [x, y, Math.fround(z)])));
/** Expressions of one kernel: compiling costs more than computing. */
const TOGETHER = 40;

interface Wrong {
  readonly text: string;
  readonly actual: number;
  readonly expected: number;
}

/** Where the device's values are not those of the expressions. */
async function search(on: Adapter, expressions: readonly Expression[]): Promise<Wrong[]> {
  const corrected = await needsCorrection(on.device);
  const wrong: Wrong[] = [];
  for (let from = 0; from < expressions.length; from += TOGETHER) {
    const some = expressions.slice(from, from + TOGETHER);
    const b = new KernelBuilder();
    const i = b.axis("n");
    const inputs = ["x", "y", "z"].map(() => b.buffer("f32"));
    const out = b.buffer("f32", "write");
    const place = b.at(0, [1, i]);
    const leaves: Record<string, NodeId> = { p: b.param("f32") };
    ["x", "y", "z"].forEach((name, k) => (leaves[name] = b.load(inputs[k], place)));
    for (const name of ["0", "1"]) leaves[name] = b.constant("f32", CONSTANTS[name]);
    const node = (it: Expression): NodeId => {
      if (typeof it === "string") return leaves[it];
      const args = it.args.map(node);
      if (it.fn !== "lt" && it.fn !== "eq") return b.apply("f32", it.fn, ...args);
      return b.apply("f32", "convert", b.apply("mask", it.fn, ...args));
    };
    b.over(i).map([], ...some.map((it, k) => b.store(out, b.at(`o${k}`, [1, i]), node(it))));
    const n = POINTS.length;
    const dims = b.values({ n, ...Object.fromEntries(some.map((_, k) => [`o${k}`, k * n])) });
    const buffers = [0, 1, 2].map((k) => memoryOf("f32", n, (at) => POINTS[at][k]));
    // what the device does not write stays and is wrong
    const filled = memoryOf("f32", n * some.length, () => 77);
    const results = await runWgsl(
      on,
      b.build(),
      { dims, params: [PARAM], buffers: [...buffers, filled] },
      { corrected },
    );
    some.forEach((it, k) => {
      for (let at = 0; at < n; at++) {
        const [x, y, z] = POINTS[at];
        const values = { x, y, z, ...CONSTANTS };
        const actual = results[3][k * n + at];
        if (allowed(it, values, actual)) continue;
        wrong.push({ text: `${printed(it)} for ${x}, ${y}, ${z}`, actual, expected: exactly(it, values) });
        return;
      }
    });
  }
  return wrong;
}

const FOUR = ["add", "sub", "mul", "div"] as const satisfies readonly Fn[];

const commutes = (fn: Fn): boolean => fn === "add" || fn === "mul";

function pairs(): Expression[] {
  const found: Expression[] = [];
  for (const fn of FOUR) for (const [a, b] of choices(2, ["0", "1", "p"])) found.push(of(fn, a, b));
  for (const outer of FOUR)
    for (const inner of FOUR)
      for (const [a, b, c] of choices(3, ["0", "p"])) {
        // sums and products the other way round are the same to all that is tested here
        if (commutes(inner) && a > b) continue;
        found.push(of(outer, of(inner, a, b), c));
        if (!commutes(outer)) found.push(of(outer, c, of(inner, a, b)));
      }
  return found;
}

/** Both operands computed; functions that pass on or test what is computed. */
function joined(): Expression[] {
  const found: Expression[] = [];
  const orders = ["xyxy", "xyyx", "xyxz", "xyzy", "xyzx"].map((word) => [...word]);
  for (const outer of FOUR)
    for (const left of FOUR)
      for (const right of FOUR)
        for (const [a, b, c, d] of orders) found.push(of(outer, of(left, a, b), of(right, c, d)));
  for (const fn of FOUR) {
    for (const one of ["neg", "abs", "sqrt"] as const)
      found.push(
        of(fn, "x", of(one, "x")),
        of(fn, of(one, "x"), of(one, "x")),
        of(one, of(fn, "x", "x")),
        of("add", of(fn, "x", "y"), of(one, "x")),
        of("mul", of(one, of(fn, "x", "y")), "y"),
      );
    for (const two of ["max", "min", "lt", "eq"] as const)
      for (const [a, b, c] of choices(3, ["0"])) found.push(of(two, of(fn, a, b), c));
    for (const picked of [of("max", "x", "x"), of("min", "x", "x"), of("max", "x", "y")])
      found.push(of(fn, picked, "x"), of(fn, "x", picked), of("sub", of(fn, picked, "y"), "x"));
  }
  return found;
}

/** Every seventh triple, another seventh for each place of the operands. */
function triples(): Expression[] {
  const found: Expression[] = [];
  let turn = 0;
  for (const [a, b, c, d] of ["xyzy", "xyzz", "xyyx", "xyxy", "xyzx", "xypx", "x0yx"].map((word) => [...word]))
    for (const outer of FOUR)
      for (const middle of FOUR)
        for (const inner of FOUR) {
          const core = of(inner, a, b);
          const forms = [
            of(outer, of(middle, core, c), d),
            of(outer, d, of(middle, core, c)),
            of(outer, of(middle, c, core), d),
            of(outer, d, of(middle, c, core)),
          ];
          found.push(...forms.filter(() => turn++ % 7 === 0));
        }
  return found;
}

onAdapter("compilers see one operation at a time", () => {
  it.each<[string, () => Expression[]]>([
    ["pairs", pairs],
    ["joined operations", joined],
    ["triples", triples],
  ])("%s", { timeout: 300_000 }, async (_name, make) => {
    expect(await search(adapter as Adapter, make())).toEqual([]);
  });

  it("the search finds what a kernel does wrong", () => {
    const cancelled = of("sub", of("add", "x", "y"), "y");
    const at = { x: 1, y: Infinity };
    expect(allowed(cancelled, at, 1)).toBe(false);
    expect(allowed(cancelled, at, NaN)).toBe(true);
    expect(allowed(of("add", of("mul", "x", "x"), "y"), { x: 1 + 2 ** -12, y: -1 }, 2 ** -11 + 2 ** -24)).toBe(true);
  });
});

describe("where barriers stand", () => {
  /** The places of `opaque` in the lines of a map of x, y, z and a param. */
  function barriers(build: (b: KernelBuilder, leaves: Record<"x" | "y" | "z" | "p", NodeId>) => NodeId): number {
    const b = new KernelBuilder();
    const i = b.axis("n");
    const [x, y, z] = [b.buffer("f32"), b.buffer("f32"), b.buffer("f32")].map((buffer) =>
      b.load(buffer, b.at(0, [1, i])),
    );
    const root = build(b, { x, y, z, p: b.param("f32") });
    b.over(i).map([], b.store(b.buffer("f32", "write"), b.at(0, [1, i]), root));
    const { code } = emitWgsl(b.build(), { f16: false, subgroups: false, maxStorageBuffers: 8 });
    return code.slice(code.indexOf("fn main")).split("opaque(").length - 1;
  }

  it.each<[string, number, Parameters<typeof barriers>[0]]>([
    ["one operation", 0, (b, { x, y }) => b.apply("f32", "sub", x, y)],
    ["a product that is added", 0, (b, { x, y, z }) => b.apply("f32", "add", b.apply("f32", "mul", x, y), z)],
    [
      "products that are added",
      2,
      (b, { x, y, z }) => b.apply("f32", "add", b.apply("f32", "mul", x, y), b.apply("f32", "mul", x, z)),
    ],
    ["a product and its factor", 1, (b, { x, p }) => b.apply("f32", "sub", b.apply("f32", "mul", x, p), x)],
    ["a sum that is multiplied", 1, (b, { x, y, z }) => b.apply("f32", "mul", b.apply("f32", "add", x, y), z)],
    ["a value less itself", 1, (b, { x }) => b.apply("f32", "sub", x, x)],
    [
      "a sum that is only picked",
      0,
      (b, { x, y, p }) => b.apply("f32", "select", b.apply("mask", "gt", x, p), b.apply("f32", "add", x, y), y),
    ],
    [
      "a picked sum that is multiplied",
      1,
      (b, { x, y, z, p }) =>
        b.apply("f32", "mul", b.apply("f32", "select", b.apply("mask", "gt", x, p), b.apply("f32", "add", x, y), y), z),
    ],
    [
      "a sum that is compared",
      1,
      (b, { x, y, z }) => b.apply("f32", "convert", b.apply("mask", "lt", b.apply("f32", "add", x, y), z)),
    ],
    ["a sum that is negated", 0, (b, { x, y }) => b.apply("f32", "neg", b.apply("f32", "add", x, y))],
    ["a function of a sum", 1, (b, { x, y }) => b.apply("f32", "exp", b.apply("f32", "sub", x, y))],
  ])("%s: %i", (_name, count, build) => expect(barriers(build)).toBe(count));

  it("the result of a sum that something computes with", () => {
    const text = (used: boolean): string => {
      const b = new KernelBuilder();
      const [i, k] = [b.axis("n"), b.axis("m")];
      const x = b.load(b.buffer("f32"), b.at(0, ["m", i], [1, k]));
      const out = b.buffer("f32", "write");
      const sum = b.result("f32", 0, 0);
      b.over(i)
        .reduce([k], [{ monoid: "sum", lane: "f32", inputs: [x] }])
        .map([], b.store(out, b.at(0, [1, i]), used ? b.apply("f32", "div", sum, b.param("f32")) : sum));
      return emitWgsl(b.build(), { f16: false, subgroups: false, maxStorageBuffers: 8 }).code;
    };
    expect(text(true)).toContain("a0_0 = opaque(a0_0);");
    expect(text(false)).not.toContain("opaque");
  });
});
