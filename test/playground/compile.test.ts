// The playground's compiler: what it writes runs, its lines are the reader's lines, and mistakes have places.
import * as weft from "@weft/api";
import { describe, expect, it } from "vitest";
import { BINDINGS, compile, placeOf } from "../../examples/playground/src/compile.ts";

/** Runs a program and gives what it logged. */
async function run(source: string): Promise<unknown[]> {
  const compiled = compile(source, Object.keys(weft));
  if ("mistakes" in compiled) throw new Error(compiled.mistakes.map(({ message }) => message).join("; "));
  const logged: unknown[] = [];
  const { program } = (await import(`data:text/javascript,${encodeURIComponent(compiled.code)}`)) as {
    program(api: unknown, bindings: object): Promise<void>;
  };
  await program(weft, { console: { log: (...values: unknown[]) => logged.push(...values) } });
  return logged;
}

const mistakesOf = (source: string): { at: string; message: string }[] => {
  const compiled = compile(source, Object.keys(weft));
  return "mistakes" in compiled
    ? compiled.mistakes.map(({ from, to, message }) => ({ at: source.slice(from, to), message }))
    : [];
};

describe("types vanish", () => {
  it.each([
    [
      "annotations",
      "const f = (x: number, y?: number, ...rest: number[]): number => x + (y ?? 1) + rest.length; console.log(f(1), f(1, 2, 3));",
      [2, 4],
    ],
    [
      "generics",
      "function id<T extends object>(x: T): T { return x; } const m = new Map<string, number>([['a', 1]]); console.log(id<{ a: number }>({ a: 1 }).a, m.get('a'));",
      [1, 1],
    ],
    [
      "casts",
      "const x = [1, 2] as const; const y = (x as unknown as number[]).length satisfies number; console.log(y!, x![0]!);",
      [2, 1],
    ],
    [
      "declarations",
      "interface A { x: number }\ntype B = A | null\ndeclare const q: number\nconst a: A = { x: 1 }\nconsole.log(a.x)",
      [1],
    ],
    [
      "overloads",
      "function f(x: string): string;\nfunction f(x: number): number;\nfunction f(x: unknown): unknown { return x; }\nconsole.log(f(3))",
      [3],
    ],
    [
      "classes",
      "abstract class A<T> { abstract f(): T; }\nclass B extends A<number> implements Iterable<number> { private readonly n: number = 2; declare z: string; b!: number; f(this: B): number { return this.n; } *[Symbol.iterator](): Iterator<number> { yield this.f(); } }\nconsole.log(...new B())",
      [2],
    ],
    [
      "a return type over several lines",
      "const f = (x: number): {\n  y: number;\n} => ({ y: x });\nconsole.log(f(5).y)",
      [5],
    ],
    [
      "predicates",
      "function is(x: unknown): x is number { return typeof x === 'number'; } console.log([1, 'a'].filter(is).length)",
      [1],
    ],
    [
      "exports",
      "export const a = 1; export default function f() { return 2; } export { a as b }; export type { Q }; console.log(a, f());",
      [1, 2],
    ],
    ["using", "{ using x = { n: 1, [Symbol.dispose]() { console.log('gone'); } }; console.log(x.n); }", [1, "gone"]],
    [
      "statements that end without a semicolon",
      "const a = 1\ntype T = number\n;[a].forEach((v) => console.log(v))",
      [1],
    ],
  ])("%s", async (_, source, logged) => {
    expect(await run(source)).toEqual(logged);
  });
});

describe("imports", () => {
  it("become names of the module", async () => {
    const source = `import { grad, type NDArray, numpy as np, DType } from "@weft/api";
import type { Axis } from "@weft/api";
import * as weft from "@weft/api";
import {
  tree,
} from "@weft/api";
const kind: DType = "float32";
console.log(grad((x: NDArray) => np.sum(np.power(x, 3)))(np.array([1, 2])).tolist(), weft.numpy === np, typeof tree, kind);`;
    expect(await run(source)).toEqual([[3, 12], true, "object", "float32"]);
  });

  it("top-level await and names of one's own work; bindings may be shadowed", async () => {
    expect(await run("const show = await Promise.resolve(4); console.log(show)")).toEqual([4]);
    expect(BINDINGS).toContain("show");
  });

  it("of anything else are refused by name", () => {
    expect(mistakesOf('import x from "lodash";')).toEqual([
      { at: '"lodash"', message: "only @weft/api can be imported here" },
    ]);
    expect(mistakesOf('import weft from "@weft/api";')[0]).toEqual({
      at: "weft",
      message: "@weft/api has no default export; write { weft }",
    });
    expect(mistakesOf('import { numpi as np } from "@weft/api";\nnp.ones([1]);')).toEqual([
      { at: "numpi", message: "@weft/api exports no numpi" },
    ]);
    // only a type, so it vanishes
    expect(mistakesOf('import { DType } from "@weft/api";\nlet x: DType;')).toEqual([]);
  });
});

describe("mistakes", () => {
  it.each([
    ["const = 1;", "="],
    ["const x = (1 + ;", ""],
    ["let a = 1;\n}", "}"],
    ["enum E { A }", "enum E { A }"],
    ["namespace N {}", "namespace N {}"],
    ["class A { constructor(private x: number) {} }", "private"],
  ])("%s", (source, at) => {
    expect(mistakesOf(source).map((mistake) => mistake.at)).toContain(at);
  });
  it("an unclosed bracket is missed at its place", () => {
    const source = "const x = [1, 2;\nconsole.log(x);";
    const compiled = compile(source);
    expect("mistakes" in compiled && compiled.mistakes[0].from).toBeLessThanOrEqual(source.indexOf("\n"));
    expect(mistakesOf("if (true) {\nconst a = 1;")).toEqual([{ at: "", message: "something is missing here" }]);
  });
});

describe("lines", () => {
  it("of compiled code are the lines of the source", () => {
    const source =
      'import {\n  numpy as np,\n} from "@weft/api";\ninterface A {\n  x: number;\n}\nconst y = np.ones([1]) as A & {\n z: 1 };\nthrow y;';
    const compiled = compile(source);
    if ("mistakes" in compiled) throw new Error("it should compile");
    expect(compiled.code.split("\n").slice(0, -2).length).toBe(source.split("\n").length);
    expect(compiled.code.split("\n")[8]).toBe("throw y;");
  });

  it("are found in stacks of every engine", () => {
    const address = "blob:http://127.0.0.1:5173/aa-bb";
    expect(
      placeOf(
        `Error: no\n    at f (http://x/y.js:1:1)\n    at program (${address}:12:7)\n    at async g (z.js:3:4)`,
        address,
      ),
    ).toEqual({ line: 12, column: 7 });
    expect(placeOf(`f@http://x/y.js:1:1\nprogram@${address}:3:2`, address)).toEqual({ line: 3, column: 2 });
    expect(placeOf("Error: no\n    at f (y.js:1:1)", address)).toBeNull();
  });
});
