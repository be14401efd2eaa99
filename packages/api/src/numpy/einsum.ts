// Einstein sums: subscripts are parsed, repeated letters become diagonals, letters of one operand alone are summed
// first, and operands are multiplied from left to right by dotGeneral.
import type { Node } from "@weft/ir";
import { formatAval, ShapeError } from "@weft/ir";
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import { broadcastTo, isPlainObject, promoteAll, wrap } from "../core/convert.ts";
import * as n from "../lax/nodes.ts";
import { dotNode } from "../lax/products.ts";
import { diagonalNode } from "./diagonal.ts";

/** A term: its node, one letter an axis. */
interface Term {
  readonly node: Node;
  readonly letters: readonly string[];
}

const bad = (subscripts: string, problem: string): ShapeError => new ShapeError(`einsum: "${subscripts}": ${problem}`);

/** The letters of every operand and of the result; an ellipsis becomes letters "0", "1", … counted from the right. */
function parse(
  subscripts: string,
  nodes: readonly Node[],
): { readonly terms: readonly (readonly string[])[]; readonly output: readonly string[] } {
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
        `einsum: ${formatAval(node.aval)}: the axes of "${letters[i]}" must have equal sizes, got ${shape[i]} and ${shape[again]}`,
      );
    const rest = letters.filter((_, axis) => axis !== i && axis !== again);
    return withDiagonals({ node: diagonalNode("einsum", node, 0, i, again), letters: [...rest, letters[i]] });
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

/**
 * The Einstein sum of operands: letters name axes, letters missing in the result are summed over, "..." stands for
 * axes that broadcast. Operands are multiplied from left to right.
 * Throws ShapeError for subscripts that do not fit the operands.
 * @example np.einsum("bij,bjk->bik", x, y)
 */
export function einsum(subscripts: string, ...operands: readonly ArrayLike[]): NDArray {
  const last = operands.at(-1);
  const nodes = promoteAll("einsum", isPlainObject(last) ? operands.slice(0, -1) : operands);
  if (typeof subscripts !== "string" || nodes.length === 0)
    throw new ShapeError("einsum: expected subscripts, as a string, and at least one operand");
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
  const ready = terms.map((letters, i) => narrowed(withDiagonals({ node: nodes[i], letters }), sizes));
  let result = ready[0];
  for (let i = 1; i < ready.length; i++) {
    const later = new Set([...output, ...ready.slice(i + 1).flatMap((term) => term.letters)]);
    result = multiply(result, ready[i], later);
  }
  result = summed(result, new Set(output));
  const order = output.filter((letter) => result.letters.includes(letter));
  const moved = n.transpose(
    result.node,
    order.map((letter) => result.letters.indexOf(letter)),
  );
  const shape = output.map((letter) => sizes.get(letter) as number);
  return wrap(
    broadcastTo(
      "einsum",
      n.reshape(
        moved,
        output.map((letter) => (order.includes(letter) ? (sizes.get(letter) as number) : 1)),
      ),
      shape,
    ),
  );
}
