// Einstein sums: subscripts are parsed, repeated letters become diagonals, letters of one operand alone are summed
// first, and operands are multiplied two by two by dotGeneral, in the order that costs least (einsum-path.ts).
import type { DType, Node } from "@weft/ir";
import { ArgumentError, formatAval, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, promoteAll, toNode, wrap } from "../core/convert.ts";
import { defineAs } from "../core/define.ts";
import { anything, dtype, hint, named, out, rest, sharding } from "../core/kinds.ts";
import type { Precision } from "../core/kinds.ts";
import { inWords } from "../core/words.ts";
import * as n from "../lax/nodes.ts";
import { dotNode, inType } from "../lax/products.ts";
import { diagonalNode } from "./diagonal.ts";
import type { EinsumPath, Optimize, Step, Subscripts } from "./einsum-path.ts";
import { pathOf, reportOf } from "./einsum-path.ts";

/** A term: its node, one letter an axis. */
interface Term {
  readonly node: Node;
  readonly letters: readonly string[];
}

const bad = (subscripts: string, problem: string): ShapeError =>
  new ShapeError(`np.einsum: "${subscripts}": ${problem}`);

/** The letters of every operand and of the result; an ellipsis becomes letters "0", "1", … counted from the right. */
function parse(subscripts: string, nodes: readonly Node[]): Omit<Subscripts, "sizes"> {
  const [left, right, ...more] = subscripts.replaceAll(/\s+/g, "").split("->");
  if (more.length > 0) throw bad(subscripts, 'there is more than one "->"');
  const inputs = left.split(",");
  if (inputs.length !== nodes.length) throw bad(subscripts, `it names ${inputs.length} operands, got ${nodes.length}`);
  const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, i) => String(count - 1 - i));
  let longest = 0;
  const terms = inputs.map((text, i) => {
    const [before, after, ...rest] = text.split("...");
    if (rest.length > 0) throw bad(subscripts, '"..." may stand once in an operand');
    for (const letter of before + (after ?? ""))
      if (!/[A-Za-z]/.test(letter)) throw bad(subscripts, `"${letter}" is no letter`);
    const named = before.length + (after?.length ?? 0);
    const rank = nodes[i].aval.shape.length;
    if (after === undefined ? named !== rank : named > rank)
      throw bad(subscripts, `"${text}" does not fit ${formatAval(nodes[i].aval)}`);
    longest = Math.max(longest, after === undefined ? 0 : rank - named);
    return [...before, ...(after === undefined ? [] : ellipsis(rank - named)), ...(after ?? "")];
  });
  if (right === undefined) {
    const counts = new Map<string, number>();
    for (const letter of left.replaceAll(/[,.]/g, "")) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    return {
      terms,
      output: [
        ...ellipsis(longest),
        ...[...counts]
          .filter(([, count]) => count === 1)
          .map(([letter]) => letter)
          .sort(),
      ],
    };
  }
  const output = [...right.replace("...", "\0")].flatMap((letter) => (letter === "\0" ? ellipsis(longest) : [letter]));
  const known = new Set(terms.flat());
  output.forEach((letter, i) => {
    if (!known.has(letter)) throw bad(subscripts, `"${letter}" of the result stands in no operand`);
    if (output.indexOf(letter) !== i) throw bad(subscripts, `"${letter}" stands twice in the result`);
  });
  return { terms, output };
}

/** A term without repeated letters. */
function withDiagonals({ node, letters }: Term): Term {
  for (let i = 0; i < letters.length; i++) {
    const again = letters.indexOf(letters[i], i + 1);
    if (again < 0) continue;
    const { shape } = node.aval;
    if (shape[i] !== shape[again])
      throw new ShapeError(
        `np.einsum: ${formatAval(node.aval)}: the axes of "${letters[i]}" must have equal sizes, got ${shape[i]} and ${shape[again]}`,
      );
    const rest = letters.filter((_, axis) => axis !== i && axis !== again);
    return withDiagonals({ node: diagonalNode("np.einsum", node, 0, i, again), letters: [...rest, letters[i]] });
  }
  return { node, letters };
}

const summed = (term: Term, keep: ReadonlySet<string>): Term => {
  const axes = term.letters.flatMap((letter, axis) => (keep.has(letter) ? [] : [axis]));
  if (axes.length === 0) return term;
  const bool = term.node.aval.dtype === "bool";
  return {
    node: n.reduce(bool ? "reduceOr" : "reduceSum", term.node, axes),
    letters: term.letters.filter((letter) => keep.has(letter)),
  };
};
/** Axes of size 1 whose letter has another size elsewhere are taken away: they broadcast. */
const narrowed = (term: Term, sizes: ReadonlyMap<string, number>): Term => {
  const kept = term.letters.map((letter, axis) => term.node.aval.shape[axis] !== 1 || sizes.get(letter) === 1);
  return {
    node: n.reshape(
      term.node,
      term.node.aval.shape.filter((_, axis) => kept[axis]),
    ),
    letters: term.letters.filter((_, axis) => kept[axis]),
  };
};

/** The product of two terms, with the letters that are wanted later kept. */
function multiply(a: Term, b: Term, later: ReadonlySet<string>): Term {
  const left = summed(a, new Set([...later, ...b.letters]));
  const right = summed(b, new Set([...later, ...a.letters]));
  const shared = left.letters.filter((letter) => right.letters.includes(letter));
  const contracted = shared.filter((letter) => !later.has(letter));
  if (contracted.length === 0) {
    const letters = [...left.letters, ...right.letters.filter((letter) => !left.letters.includes(letter))];
    const shape = letters.map((letter) => {
      const axis = left.letters.indexOf(letter);
      return axis >= 0 ? left.node.aval.shape[axis] : right.node.aval.shape[right.letters.indexOf(letter)];
    });
    const spread = (term: Term): Node => {
      const order = letters.filter((letter) => term.letters.includes(letter));
      const moved = n.transpose(
        term.node,
        order.map((letter) => term.letters.indexOf(letter)),
      );
      return moved.aval.shape.length === 0
        ? moved
        : n.broadcastInDim(
            moved,
            shape,
            order.map((letter) => letters.indexOf(letter)),
          );
    };
    const [p, q] = [spread(left), spread(right)];
    return { node: p.aval.dtype === "bool" ? n.and(p, q) : n.mul(p, q), letters };
  }
  const batch = shared.filter((letter) => later.has(letter));
  const places = (term: Term, letters: readonly string[]): number[] =>
    letters.map((letter) => term.letters.indexOf(letter));
  const free = (term: Term): string[] => term.letters.filter((letter) => !shared.includes(letter));
  const node = dotNode(
    {
      contract: [places(left, contracted), places(right, contracted)],
      batch: [places(left, batch), places(right, batch)],
    },
    left.node,
    right.node,
  );
  return { node, letters: [...batch, ...free(left), ...free(right)] };
}

/** Multiplies terms in the order of a path: the terms that a step names, from left to right. */
function contract(terms: readonly Term[], output: readonly string[], path: readonly Step[]): Term {
  const list = [...terms];
  for (const step of path) {
    const taken = step.toSorted((a, b) => b - a).map((i) => list.splice(i, 1)[0]);
    taken.reverse();
    const wanted = [...output, ...list.flatMap(({ letters }) => letters)];
    const made = taken.reduce((product, term, i) =>
      multiply(product, term, new Set([...wanted, ...taken.slice(i + 1).flatMap(({ letters }) => letters)])),
    );
    list.push(summed(made, new Set(wanted)));
  }
  return list[0];
}

// Arguments -----------------------------------------------------------------------------------------------------------

/** NumPy's second way to name axes: numbers from 0 to 51. */
export type Sublist = readonly (number | "...")[];
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function writeSublist(value: unknown): string {
  if (!Array.isArray(value))
    throw new ArgumentError(`np.einsum: expected a list of axes after each operand, got ${inWords(value)}`);
  return Array.from(value as readonly unknown[], (item) => {
    const letter = typeof item === "number" && Number.isInteger(item) ? LETTERS[item] : undefined;
    if (letter !== undefined || item === "...") return letter ?? "...";
    throw new ArgumentError(
      `np.einsum: a list of axes holds integers from 0 to ${LETTERS.length - 1} and "...", got ${inWords(item)}`,
    );
  }).join("");
}

/** Subscripts and operands, either way they are given. Throws ArgumentError for what is neither. */
function given(
  first: unknown,
  others: readonly unknown[],
): readonly [subscripts: string, operands: readonly ArrayLike[]] {
  if (typeof first === "string") {
    if (others.length === 0) throw new ArgumentError(`np.einsum: "${first}": expected at least one operand`);
    return [first, others as readonly ArrayLike[]];
  }
  const args = [first, ...others];
  const pairs = Math.floor(args.length / 2);
  if (pairs === 0)
    throw new ArgumentError(
      `np.einsum: expected subscripts, as "ij,jk->ik", or an operand and a list of its axes, got ${inWords(first)}`,
    );
  const inputs = Array.from({ length: pairs }, (_, i) => writeSublist(args[2 * i + 1]));
  const output = args.length % 2 === 1 ? `->${writeSublist(args[args.length - 1])}` : "";
  return [inputs.join(",") + output, Array.from({ length: pairs }, (_, i) => args[2 * i] as ArrayLike)];
}

/** Letters and sizes; an axis of one element broadcasts. */
function read(subscripts: string, nodes: readonly Node[]): Subscripts {
  const { terms, output } = parse(subscripts, nodes);
  const sizes = new Map<string, number>();
  terms.forEach((letters, i) => {
    letters.forEach((letter, axis) => {
      const size = nodes[i].aval.shape[axis];
      const known = sizes.get(letter) ?? 1;
      if (size !== known && size !== 1 && known !== 1)
        throw bad(
          subscripts,
          `"${letter}" is ${known} and ${size} elements long in ${nodes.map((node) => formatAval(node.aval)).join(", ")}`,
        );
      sizes.set(letter, size === 1 ? known : size);
    });
  });
  return { terms, output, sizes };
}

/** Paths that were found: a search costs up to milliseconds, and loops repeat theirs. */
const found = new Map<string, readonly Step[]>();
const FOUND = 256;
function knownPath(
  subscripts: string,
  nodes: readonly Node[],
  optimize: unknown,
  find: () => readonly Step[],
): readonly Step[] {
  if (nodes.length <= 2 || (typeof optimize !== "string" && optimize !== true)) return find();
  const key = `${optimize} ${subscripts} ${nodes.map(({ aval }) => aval.shape.join()).join(" ")}`;
  const before = found.get(key);
  if (before !== undefined) return before;
  const path = find();
  if (found.size >= FOUND) found.clear();
  found.set(key, path);
  return path;
}

function sumOf(subscripts: string, nodes: readonly Node[], optimize: unknown): Node {
  const { terms, output, sizes } = read(subscripts, nodes);
  const ready = terms.map((letters, i) => narrowed(withDiagonals({ node: nodes[i], letters }), sizes));
  const path = knownPath(subscripts, nodes, optimize, () =>
    pathOf("np.einsum", { terms: ready.map(({ letters }) => letters), output, sizes }, optimize),
  );
  const result = contract(ready, output, path);
  const order = output.filter((letter) => result.letters.includes(letter));
  const moved = n.transpose(
    result.node,
    order.map((letter) => result.letters.indexOf(letter)),
  );
  const shape = output.map((letter) => sizes.get(letter) as number);
  const spread = n.reshape(
    moved,
    output.map((letter, axis) => (order.includes(letter) ? shape[axis] : 1)),
  );
  return broadcastTo("np.einsum", spread, shape);
}

export interface EinsumOptions {
  out?: null;
  optimize?: Optimize;
  precision?: Precision;
  preferredElementType?: DType | null;
  outSharding?: null;
}
/** The ways in which einsum may be called. */
export interface Einsum {
  (subscripts: string, ...operands: readonly ArrayLike[]): NDArray;
  (subscripts: string, ...operands: readonly [...ArrayLike[], EinsumOptions]): NDArray;
  (operand: ArrayLike, sublist: Sublist, ...others: readonly (ArrayLike | Sublist | EinsumOptions)[]): NDArray;
}

const SUBSCRIPTS = anything()("subscripts");
const OPERANDS = rest(anything()("operands"));
const OPTIMIZE = named(anything<Optimize>()("optimize", "auto"));

/**
 * The Einstein sum of operands: letters name axes, letters missing in the result are summed over, "..." stands for
 * axes that broadcast. Operands are multiplied in the order that costs least; `optimize` chooses another.
 * Throws ShapeError for subscripts that do not fit the operands.
 * @example np.einsum("bij,bjk->bik", x, y); np.einsum(x, [0, 1], y, [1, 2], [0, 2]);
 */
export const einsum = defineAs<Einsum>()(
  "np.einsum",
  [
    SUBSCRIPTS,
    OPERANDS,
    named(out),
    OPTIMIZE,
    named(hint("precision", null)),
    named(dtype("preferredElementType", null)),
    sharding("outSharding"),
  ],
  (subscripts, operands, _out, optimize, _precision, preferred) => {
    const [text, arrays] = given(subscripts, operands);
    const nodes = promoteAll("np.einsum", arrays);
    return wrap(inType("np.einsum", nodes, preferred, (...factors) => sumOf(text, factors, optimize)));
  },
);

/** The ways in which einsumPath may be called. */
export interface EinsumPathOf {
  (subscripts: string, ...operands: readonly ArrayLike[]): [EinsumPath, string];
  (subscripts: string, ...operands: readonly [...ArrayLike[], { optimize?: Optimize }]): [EinsumPath, string];
  (
    operand: ArrayLike,
    sublist: Sublist,
    ...others: readonly (ArrayLike | Sublist | { optimize?: Optimize })[]
  ): [EinsumPath, string];
}
/**
 * The order in which einsum multiplies such operands, for its `optimize`, and a report for people to read. A step names
 * the places of the operands that it multiplies; they leave the list, and its result joins it at the end.
 * @example const [path, report] = np.einsumPath("ij,kl,jl->ik", x, y, z); np.einsum("ij,kl,jl->ik", x, y, z, { optimize: path });
 */
export const einsumPath = defineAs<EinsumPathOf>()(
  "np.einsumPath",
  [SUBSCRIPTS, OPERANDS, OPTIMIZE],
  (subscripts, operands, optimize): [EinsumPath, string] => {
    const [text, arrays] = given(subscripts, operands);
    const nodes = arrays.map((x) => toNode("np.einsumPath", x));
    const { terms, output, sizes } = read(text, nodes);
    const wide = terms.map((letters, i) =>
      letters.filter((letter, axis) => nodes[i].aval.shape[axis] !== 1 || sizes.get(letter) === 1),
    );
    const path = pathOf("np.einsumPath", { terms: wide, output, sizes }, optimize);
    // the axes of an ellipsis have names that no other axis has
    const free = Array.from(LETTERS).filter((letter) => !sizes.has(letter));
    const nameOf = (letter: string): string => (LETTERS.includes(letter) ? letter : (free[Number(letter)] ?? letter));
    return [["einsum_path", ...path.map((step) => [...step])], reportOf({ terms, output, sizes }, path, nameOf)];
  },
);
