// How many cases there are, printed a namespace; at least twelve a function, of derivatives and batches too, and no public
// function without (exceptions.ts names those with fewer).
import { describe, expect, it } from "vitest";
import { readText } from "../../support/files.ts";
import type { Case } from "../cases.ts";
import { allCases } from "../cases.ts";
import { checksOf } from "../checks.ts";
import { causesOf, DUE, LISTS } from "../due-cases.ts";
import { publicFunctions, SPACES, spaceOf } from "../surface.ts";
import { LEAST, NO_REFERENCE, UNBATCHED, UNDERIVED } from "./exceptions.ts";

const byFunction = Map.groupBy(allCases(), ({ fn }) => fn);
const casesOf = (fn: string): readonly Case[] => byFunction.get(fn) ?? [];
const counted = publicFunctions.filter((fn) => !Object.hasOwn(NO_REFERENCE, fn));

it("is counted a namespace", () => {
  const rows = Object.keys(SPACES).map((space) => {
    const functions = counted.filter((fn) => spaceOf(fn) === space);
    const cases = functions.flatMap(casesOf);
    const kinds = cases.flatMap((one) => checksOf(one)).filter(({ id }) => !DUE.has(id));
    const of = (name: string): number => kinds.filter(({ kind }) => kind === name || kind === `jit ${name}`).length;
    const [values, derived, batches, refused] = [
      of("value") + of("jit"),
      of("vjp") + of("jvp"),
      of("vmap"),
      of("error"),
    ];
    return `  ${space.padEnd(15)} ${functions.length} functions, ${cases.length} cases: ${values} values, ${derived} derivatives, ${batches} batches, ${refused} refusals`;
  });
  const listed = LISTS.map((list) => `${Object.values(causesOf(list)).flat().length} checks ${list}`);
  console.info(`the golden suite (${allCases().length} cases, ${listed.join(", ")})\n${rows.join("\n")}`);
  expect(rows).toHaveLength(Object.keys(SPACES).length);
});

describe("every public function", () => {
  it(`has ${LEAST} cases`, () => {
    const fewer = counted.filter((fn) => casesOf(fn).length < LEAST);
    expect(fewer.map((fn) => `${fn}: ${casesOf(fn).length}`)).toEqual([]);
  });

  it("that cases name is public", () => {
    expect([...byFunction.keys()].filter((fn) => !publicFunctions.includes(fn))).toEqual([]);
  });

  const kinds = [
    ["derivatives", UNDERIVED, ({ vjp, jvp }: Case) => vjp !== undefined && jvp !== undefined],
    ["batches", UNBATCHED, ({ vmap }: Case) => vmap !== undefined],
  ] as const;
  it.each(kinds)(`has ${LEAST} cases of %s, but where the reason is listed`, (_, exceptions, has) => {
    const countOf = (fn: string): number => casesOf(fn).filter(has).length;
    const excused = Object.values(exceptions).flat();
    const fewer = counted.filter((fn) => countOf(fn) < LEAST && !excused.includes(fn));
    expect(fewer.map((fn) => `${fn}: ${countOf(fn)}`)).toEqual([]);
    expect(excused.filter((fn) => countOf(fn) >= LEAST || !counted.includes(fn))).toEqual([]);
  });

  it("that JAX and NumPy have not is named by its own test", async () => {
    for (const [fn, path] of Object.entries(NO_REFERENCE)) {
      expect(publicFunctions).toContain(fn);
      const name = fn.slice(fn.lastIndexOf(".") + 1);
      expect(await readText(new URL(`../../../${path}`, import.meta.url))).toMatch(new RegExp(`\\b${name}\\(`, "u"));
    }
  });
});
