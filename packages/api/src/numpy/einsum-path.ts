// The order in which einsum multiplies its operands. Knows letters and sizes only: a step names the places of the
// operands it multiplies, which leave the list, and its result joins the list at the end, as in NumPy. What is counted is
// multiplications and additions first and the elements of the largest intermediate second.
import { ArgumentError } from "@weft/ir";
import { inWords } from "../core/words.ts";

/** An Einstein sum by its letters: the axes of each operand, and of the result. */
export interface Subscripts {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}
export type Step = readonly number[];

const ALGORITHMS = ["auto", "auto-hq", "optimal", "dp", "branch-all", "branch-2", "branch-1", "greedy"] as const;
type Algorithm = (typeof ALGORITHMS)[number];
/** A path as {@link einsumPath} gives it: NumPy's word, then the steps. */
export type EinsumPath = ["einsum_path", ...Step[]];
/**
 * How einsum finds its order: true and "auto" the best one for few operands and a greedy one for many, false none; a
 * path; or an algorithm and the most elements that an intermediate may have, where that can be kept.
 */
export type Optimize =
  | boolean
  | Algorithm
  | readonly ["einsum_path", ...Step[]]
  | readonly Step[]
  | readonly [Algorithm, number];

/** Operands for which every order is tried: by "auto", and where it is asked for. */
const FEW = 8;
const MOST = 12;

const isAlgorithm = (x: unknown): x is Algorithm => (ALGORITHMS as readonly unknown[]).includes(x);
const isStep = (x: unknown): x is Step => Array.isArray(x) && x.length > 0 && x.every((i) => Number.isInteger(i));

/** The steps of an Einstein sum. Throws ArgumentError for what is no way of finding them. */
export function pathOf(op: string, subscripts: Subscripts, optimize: unknown): readonly Step[] {
  const { length } = subscripts.terms;
  if (Array.isArray(optimize)) {
    const given = optimize as readonly unknown[];
    if (given.length === 2 && isAlgorithm(given[0]) && typeof given[1] === "number")
      return search(subscripts, given[0], given[1]);
    const steps = given[0] === "einsum_path" ? given.slice(1) : given;
    if (steps.every(isStep)) return checked(op, steps, length);
  } else if (optimize === false) return [Array.from({ length }, (_, i) => i)];
  else if (optimize === true) return search(subscripts, "auto", Infinity);
  else if (isAlgorithm(optimize)) return search(subscripts, optimize, Infinity);
  throw new ArgumentError(
    `${op}: optimize: expected true, false, one of ${ALGORITHMS.map((word) => `"${word}"`).join(", ")}, or a path as np.einsumPath gives it, got ${inWords(optimize)}`,
  );
}

/** A path of the user's, which must leave one result. */
function checked(op: string, steps: readonly Step[], operands: number): readonly Step[] {
  let left = operands;
  for (const step of steps) {
    if (step.some((i) => i < 0 || i >= left) || new Set(step).size < step.length)
      throw new ArgumentError(`${op}: optimize: [${step.join(", ")}] names no operands of the ${left} that are left`);
    left += 1 - step.length;
  }
  if (left !== 1) throw new ArgumentError(`${op}: optimize: the path leaves ${left} operands`);
  return steps;
}

function search(subscripts: Subscripts, algorithm: Algorithm, limit: number): readonly Step[] {
  const { length } = subscripts.terms;
  if (length <= 2) return [Array.from({ length }, (_, i) => i)];
  const most = algorithm === "greedy" ? 0 : algorithm === "auto" || algorithm === "auto-hq" ? FEW : MOST;
  if (length > most) return greedyPath(subscripts, limit);
  return bestPath(subscripts, limit) ?? bestPath(subscripts, Infinity) ?? greedyPath(subscripts, limit);
}

/** Sizes multiplied: never so large that differences lose their meaning. */
const elements = (sizes: readonly number[]): number =>
  Math.min(
    1e300,
    sizes.reduce((product, size) => product * size, 1),
  );

/** What operands are to one another, with letters and operands counted from 0. */
interface Table {
  readonly sizes: readonly number[];
  readonly kept: readonly boolean[];
  readonly terms: readonly (readonly number[])[];
}
function tableOf({ terms, output, sizes }: Subscripts): Table {
  const letters = [...new Set(terms.flat())];
  return {
    sizes: letters.map((letter) => sizes.get(letter) as number),
    kept: letters.map((letter) => output.includes(letter)),
    terms: terms.map((term) => [...new Set(term)].map((letter) => letters.indexOf(letter))),
  };
}

/** The order of the least cost: by sets of operands, each of which is best made in one way. Null if none keeps the limit. */
function bestPath(subscripts: Subscripts, limit: number): readonly Step[] | null {
  const { sizes, kept, terms } = tableOf(subscripts);
  const all = 2 ** terms.length - 1;
  const holders = sizes.map((_, letter) =>
    terms.reduce((mask, term, i) => (term.includes(letter) ? mask | (1 << i) : mask), 0),
  );
  /** The letters that the product of a set of operands has: those that the result or another operand wants. */
  const lettersOf = (set: number): number[] =>
    sizes.flatMap((_, l) => ((holders[l] & set) !== 0 && (kept[l] || (holders[l] & ~set) !== 0) ? [l] : []));
  const letters = Array.from({ length: all + 1 }, (_, set) => lettersOf(set));
  const marks = new Int32Array(sizes.length);
  let mark = 0;
  /** The operations of a product of two with so many letters left. */
  const costOf = (a: readonly number[], b: readonly number[], left: number): number => {
    mark++;
    let product = 1;
    let count = 0;
    for (const list of [a, b]) {
      for (const l of list) {
        if (marks[l] === mark) continue;
        marks[l] = mark;
        product *= sizes[l];
        count++;
      }
    }
    return Math.min(1e300, product) * (count > left ? 2 : 1);
  };
  const cost = new Float64Array(all + 1).fill(Infinity);
  const peak = new Float64Array(all + 1);
  const half = new Int32Array(all + 1);
  for (let set = 1; set <= all; set++) {
    if ((set & (set - 1)) === 0) {
      cost[set] = 0;
      continue;
    }
    const size = elements(letters[set].map((l) => sizes[l]));
    if (set !== all && size > limit) continue;
    const lowest = set & -set;
    for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
      if ((part & lowest) === 0) continue;
      const other = set ^ part;
      const before = cost[part] + cost[other];
      if (before > cost[set]) continue;
      const flops = costOf(letters[part], letters[other], letters[set].length);
      const largest = Math.max(peak[part], peak[other], size);
      if (before + flops < cost[set] || (before + flops === cost[set] && largest < peak[set])) {
        cost[set] = before + flops;
        peak[set] = largest;
        half[set] = part;
      }
    }
  }
  if (cost[all] === Infinity) return null;
  const steps: Step[] = [];
  const places = terms.map((_, i) => 1 << i);
  const make = (set: number): void => {
    if (half[set] === 0) return;
    const parts = [half[set], set ^ half[set]];
    parts.forEach(make);
    const step = parts.map((part) => places.indexOf(part)).sort((a, b) => a - b);
    for (const i of step.toReversed()) places.splice(i, 1);
    places.push(set);
    steps.push(step);
  };
  make(all);
  return steps;
}

/** An operand of the greedy search, and the later one that it is best multiplied with. */
interface Item {
  readonly letters: ReadonlySet<number>;
  readonly size: number;
  near: Item | null;
  rank: Rank;
}
/** What is compared of two orders: whether the limit is passed, by how much memory grows, the operations. */
type Rank = readonly [over: number, growth: number, flops: number];
const WORST: Rank = [Infinity, Infinity, Infinity];
const isBetter = (a: Rank, b: Rank): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return false;
};

/** The order that multiplies whatever makes memory grow least, again and again. */
function greedyPath(subscripts: Subscripts, limit: number): readonly Step[] {
  const { sizes, kept, terms } = tableOf(subscripts);
  const holders = sizes.map((_, l) => terms.filter((term) => term.includes(l)).length);
  const itemOf = (letters: ReadonlySet<number>): Item => ({
    letters,
    size: elements(Array.from(letters, (l) => sizes[l])),
    near: null,
    rank: WORST,
  });
  const wanted = (l: number, ...items: readonly Item[]): boolean =>
    kept[l] || holders[l] > items.filter(({ letters }) => letters.has(l)).length;
  const productOf = (a: Item, b: Item): Item => {
    const union = [...new Set([...a.letters, ...b.letters])];
    return itemOf(new Set(union.filter((l) => wanted(l, a, b))));
  };
  const rankOf = (a: Item, b: Item): Rank => {
    const { size } = productOf(a, b);
    const flops = elements(Array.from(new Set([...a.letters, ...b.letters]), (l) => sizes[l]));
    return [size > limit ? 1 : 0, size - a.size - b.size, flops];
  };
  const consider = (a: Item, b: Item): void => {
    const rank = rankOf(a, b);
    if (isBetter(rank, a.rank)) [a.near, a.rank] = [b, rank];
  };
  const items = terms.map((term) => itemOf(new Set(term.filter((l) => kept[l] || holders[l] > 1))));
  items.forEach((item, i) => {
    for (const later of items.slice(i + 1)) consider(item, later);
  });
  const steps: Step[] = [];
  while (items.length > 1) {
    const first = items.reduce((best, item) => (isBetter(item.rank, best.rank) ? item : best));
    const second = first.near as Item;
    const product = productOf(first, second);
    for (const l of first.letters) holders[l]--;
    for (const l of second.letters) holders[l]--;
    for (const l of product.letters) holders[l]++;
    const step = [items.indexOf(first), items.indexOf(second)].sort((a, b) => a - b);
    for (const i of step.toReversed()) items.splice(i, 1);
    items.forEach((item, i) => {
      if (item.near === first || item.near === second) {
        [item.near, item.rank] = [null, WORST];
        for (const later of items.slice(i + 1)) consider(item, later);
      }
      consider(item, product);
    });
    items.push(product);
    steps.push(step);
  }
  return steps;
}

// The report ----------------------------------------------------------------------------------------------------------

/** 8.000e+08, as Python writes it. */
const scientific = (x: number): string =>
  x.toExponential(3).replace(/e([+-])(\d)$/u, (_, sign: string, digit: string) => `e${sign}0${digit}`);

/** NumPy's words on a path: what it costs in all and at each step. `nameOf` gives letters that can be printed. */
export function reportOf(
  { terms, output, sizes }: Subscripts,
  path: readonly Step[],
  nameOf: (letter: string) => string,
): string {
  const write = (letters: readonly string[]): string => letters.map(nameOf).join("");
  const count = (letters: Iterable<string>): number =>
    elements(Array.from(letters, (letter) => sizes.get(letter) as number));
  const flops = (letters: ReadonlySet<string>, removes: boolean, operands: number): number =>
    count(letters) * (Math.max(1, operands - 1) + (removes ? 1 : 0));
  const all = new Set(terms.flat());
  const list = terms.map((letters) => letters.slice());
  const result = write(output);
  const largest: number[] = [];
  const rows: string[] = [];
  let cost = 1;
  let scaling = 0;
  path.forEach((step, at) => {
    const descending = step.toSorted((a, b) => b - a);
    const taken = descending.map((i) => list.splice(i, 1)[0]);
    const joined = new Set(taken.flat());
    const later = new Set([...output, ...list.flat()]);
    const left = [...joined].filter((letter) => later.has(letter));
    cost += flops(joined, left.length < joined.size, step.length);
    scaling = Math.max(scaling, joined.size);
    largest.push(count(left));
    const made =
      at === path.length - 1
        ? output.slice()
        : left.sort((a, b) => (sizes.get(a) as number) - (sizes.get(b) as number) || (nameOf(a) < nameOf(b) ? -1 : 1));
    list.push(made);
    const now = `${taken.map(write).join(",")}->${write(made)}`;
    rows.push(
      `${String(joined.size).padStart(4)}    ${now.padStart(24)} ${`${list.map(write).join(",")}->${result}`.padStart(40)}`,
    );
  });
  const repeated = terms.reduce((sum, letters) => sum + new Set(letters).size, 0) > all.size;
  const naive = flops(all, repeated, terms.length);
  const rule = "-".repeat(74);
  return [
    `  Complete contraction:  ${terms.map(write).join(",")}->${result}`,
    `         Naive scaling:  ${all.size}`,
    `     Optimized scaling:  ${scaling}`,
    `      Naive FLOP count:  ${scientific(naive)}`,
    `  Optimized FLOP count:  ${scientific(cost)}`,
    `   Theoretical speedup:  ${(naive / cost).toFixed(3)}`,
    `  Largest intermediate:  ${scientific(Math.max(...largest))} elements`,
    rule,
    `${"scaling".padStart(6)} ${"current".padStart(24)} ${"remaining".padStart(40)}`,
    rule,
    ...rows,
  ].join("\n");
}
