// Every public function is declared with JAX's parameters (NumPy's where JAX has no such function): the same names, in the
// same order, given the same way, with the same defaults. What differs stands in differences.ts with its reason.
import { expect, it } from "vitest";
// oxlint-disable-next-line no-restricted-imports -- declarations are for errors and tests, and no part of the public API
import { signatureOf } from "../../packages/api/src/core/define.ts";
import { DIFFERENT } from "./differences.ts";
import type { Default, Parameter } from "./signatures.ts";
import { SIGNATURES } from "./signatures.ts";
import { find, publicFunctions } from "./surface.ts";

/** A default in words; JAX's infinities and Python's objects as signatures.json has them. */
function writeDefault(value: unknown): string {
  if (typeof value === "number") return String(value);
  const special = value as Default;
  if (typeof special === "object" && special !== null && "number" in special)
    return special.number === "nan" ? "NaN" : special.number.replace("inf", "Infinity");
  return JSON.stringify(value);
}

const MARKS = { named: "~", rest: "*" } as const;
const writeOne = (name: string, how: "named" | "rest" | null, fallback: string | null): string =>
  `${how === null ? "" : MARKS[how]}${name}${fallback === null ? "" : `=${fallback}`}`;
/** Python's `**options` are named arguments without names: nothing that JavaScript has. */
const writeJax = (parameters: readonly Parameter[]): string =>
  parameters
    .filter(({ kind }) => kind !== "options")
    .map(({ name, kind, default: fallback }) =>
      writeOne(
        name,
        kind === "named" || kind === "rest" ? kind : null,
        fallback === undefined ? null : writeDefault(fallback),
      ),
    )
    .join(", ");

/**
 * What a function of ours takes. A name that JAX does not have and that is only there to be refused, or is a hint of
 * NumPy's, changes nothing and is left out.
 */
function writeOurs(f: unknown, theirs: readonly Parameter[]): string | null {
  const declared = signatureOf(f);
  if (declared === undefined) return null;
  const known = new Set(theirs.map(({ name }) => name));
  return declared.params
    .filter(({ name, kind, how }) => known.has(name) || how !== "named" || (kind !== "refused" && kind !== "hint"))
    .map(({ name, how, fallback }) =>
      writeOne(
        name,
        how === "named" || how === "rest" ? how : null,
        how === "optional" || how === "named" ? writeDefault(fallback) : null,
      ),
    )
    .join(", ");
}

it("is declared", () => {
  expect(publicFunctions.filter((fn) => signatureOf(find(fn)) === undefined)).toEqual([]);
});

it("names itself in its errors as users call it", () => {
  const wrong = publicFunctions.flatMap((fn) => {
    const declared = signatureOf(find(fn));
    return declared === undefined || declared.name === fn.replace(/^jax\./, "")
      ? []
      : [`${fn} calls itself ${declared.name}`];
  });
  expect(wrong).toEqual([]);
});

it("takes what JAX's takes", () => {
  const wrong = publicFunctions.flatMap((fn) => {
    const theirs = SIGNATURES[fn]?.parameters;
    if (theirs === undefined) return []; // our own
    const ours = writeOurs(find(fn), theirs);
    const expected = DIFFERENT[fn]?.takes ?? writeJax(theirs);
    return ours === null || ours === expected ? [] : [`${fn}: (${ours}), expected (${expected})`];
  });
  expect(wrong).toEqual([]);
});

it("has no exception that is none", () => {
  const idle = Object.keys(DIFFERENT).filter(
    (fn) => !publicFunctions.includes(fn) || DIFFERENT[fn].takes === writeJax(SIGNATURES[fn].parameters),
  );
  expect(idle).toEqual([]);
});

it("is declared too where another function returns it", () => {
  const made = publicFunctions
    .filter((fn) => /^nn\.initializers\.(?!zeros|ones|constant|varianceScaling)/.test(fn))
    .map((fn) => [fn, find(fn)?.()] as const);
  const { parameters } = SIGNATURES["nn.initializers.zeros"];
  for (const [fn, f] of [...made, ["nn.initializers.constant", find("nn.initializers.constant")?.(1)] as const]) {
    expect(writeOurs(f, parameters), fn).toBe(writeJax(parameters));
    expect(signatureOf(f)?.name).toBe(`${fn}()`);
  }
  expect(made.length).toBeGreaterThan(10);
});
