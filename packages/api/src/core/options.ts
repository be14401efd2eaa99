// The convention of optional arguments (API.md): each may be given by position, or by name in one options object
// that stands in place of the first omitted positional. A plain object is never ArrayLike, so the last argument decides.
import { isPlainObject } from "./realms.ts";

export { isPlainObject } from "./realms.ts";

type OrUndefined<P extends readonly unknown[]> = { [K in keyof P]: P[K] | undefined };
type WithOptions<P extends readonly unknown[], O> = P extends readonly [...infer Init, unknown]
  ? [...OrUndefined<P>, options: O] | WithOptions<Init, O>
  : [options: O];

/**
 * The rest parameters of a function whose optional positionals are P and whose options object is O.
 * @example function sum(x: ArrayLike, ...rest: Trailing<[axis: Axis, keepdims: boolean], SumOptions>): NDArray
 */
export type Trailing<P extends readonly unknown[], O> = Partial<OrUndefined<P>> | WithOptions<P, O>;

/**
 * The options a caller gave, whichever way: `names` are the positionals in order, `named` the ones that exist by name
 * only. Unknown names and too many arguments throw TypeError. `undefined` is left out, so destructuring defaults work.
 * @example const { axis = null, keepdims = false } = options<SumOptions>("sum", ["axis", "dtype", "keepdims"], rest);
 */
export function options<O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  args: readonly unknown[],
  named: readonly (keyof O & string)[] = [],
): O {
  // without a prototype, so that no option is looked for on Object.prototype
  const result = Object.create(null) as Record<string, unknown>;
  const last = args.length - 1;
  let positionals = args.length;
  if (last >= 0 && isPlainObject(args[last])) {
    positionals = last;
    for (const [name, value] of Object.entries(args[last])) {
      if (!(names as readonly string[]).includes(name) && !(named as readonly string[]).includes(name)) {
        throw new TypeError(`${op}: there is no option ${name}; expected ${[...names, ...named].join(", ")}`);
      }
      if (value !== undefined) result[name] = value;
    }
  }
  if (positionals > names.length)
    throw new TypeError(
      `${op}: expected at most ${names.length} optional arguments (${names.join(", ")}), got ${positionals}`,
    );
  for (let i = 0; i < positionals; i++) {
    if (args[i] === undefined) continue;
    if (result[names[i]] !== undefined)
      throw new TypeError(`${op}: ${names[i]} was given twice, by position and by name`);
    result[names[i]] = args[i];
  }
  return result as O;
}
