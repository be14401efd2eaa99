// The types of public functions, worked out from how they are declared (define.ts): every way in which arguments may be
// given, positionals with the names that editors show. Types only.
import type { How, Param } from "./kinds.ts";

export type Params = readonly Param[];

/** What a body is given: one value a parameter, defaults filled in; of a rest parameter all its arguments. */
export type Values<P extends Params> = {
  -readonly [K in keyof P]: P[K] extends Param<string, unknown, infer H, infer G>
    ? H extends "rest"
      ? readonly G[]
      : G
    : never;
};

/** A parameter as a field of the options object. */
type Field<Q> =
  Q extends Param<infer N, infer T, infer H, unknown>
    ? H extends "required"
      ? { readonly [K in N]: T }
      : { readonly [K in N]?: T | undefined }
    : never;
type Flat<O> = { readonly [K in keyof O]: O[K] };

// `T` is the tuple of a body's parameters, which has their names, and `P` how they are declared. Tuples lose the names of
// elements that are taken out, and keep those of what is left; so both are walked from an end.

/** The names of T with what P takes, and what a body has no parameters for, because it makes no use of it. */
type Whole<T extends readonly unknown[], P extends Params> = [...Taken<T, P>, ...Unused<T, P>];
type Taken<T extends readonly unknown[], P extends Params> = {
  [K in keyof T]: K extends keyof P ? (P[K] extends Param<string, infer V, How, unknown> ? V : never) : never;
};
type Unused<T extends readonly unknown[], P extends Params> = T extends readonly [unknown, ...infer TR]
  ? P extends readonly [unknown, ...infer PR extends Params]
    ? Unused<TR, PR>
    : []
  : { -readonly [K in keyof P]: P[K] extends Param<string, infer V, How, unknown> ? V : never };

/** The positionals of T and P, and the fields of what may be given by name only. */
type Split<T extends readonly unknown[], P extends Params, O> = P extends readonly [
  ...infer PI extends Params,
  infer L extends Param,
]
  ? L extends Param<string, unknown, "named">
    ? T extends readonly [...infer TI, unknown]
      ? Split<TI, PI, O & Field<L>>
      : never
    : { readonly T: T; readonly P: P; readonly O: O }
  : { readonly T: T; readonly P: P; readonly O: O };

/** Optional positionals in front of others may be undefined. */
type Spelt<T extends readonly unknown[], P extends Params> = {
  [K in keyof T]: K extends keyof P
    ? P[K] extends Param<string, infer V, infer H, unknown>
      ? H extends "optional"
        ? T[K] | undefined
        : H extends "rest"
          ? readonly V[]
          : T[K]
      : never
    : never;
};
type Head<T extends readonly unknown[], P extends Params> = P extends readonly [
  ...infer PI extends Params,
  Param<string, unknown, "optional" | "rest">,
]
  ? T extends readonly [...infer TI, unknown]
    ? Head<TI, PI>
    : []
  : T;
type Tail<T extends readonly unknown[], P extends Params> = P extends readonly [
  Param<string, unknown, "required">,
  ...infer PR extends Params,
]
  ? T extends readonly [unknown, ...infer TR]
    ? Tail<TR, PR>
    : []
  : T;
type RestOf<P extends Params> = P extends readonly [...Params, Param<string, infer V, "rest", unknown>] ? V : never;

/** All positionals, the optional ones from the end on left out. */
type Plain<T extends readonly unknown[], P extends Params> = P extends readonly [
  ...Params,
  Param<string, unknown, "rest">,
]
  ? [...Head<T, P>, ...RestOf<P>[]]
  : [...Head<T, P>, ...Partial<Tail<T, P>>];

/** Some positionals and then an object with what is left. */
type Named<T extends readonly unknown[], P extends Params, O> =
  | ([keyof O] extends [never] ? never : [...Spelt<T, P>, options: Flat<O>])
  | (P extends readonly [...infer PI extends Params, infer L extends Param]
      ? T extends readonly [...infer TI, unknown]
        ? Named<TI, PI, O & Field<L>>
        : never
      : never);
type NamedAfterRest<T extends readonly unknown[], P extends Params, O> = [keyof O] extends [never]
  ? never
  : [...Head<T, P>, ...RestOf<P>[], options: Flat<O>];

type WithOptions<S> = S extends {
  readonly T: infer T extends readonly unknown[];
  readonly P: infer P extends Params;
  readonly O: infer O;
}
  ? P extends readonly [...Params, Param<string, unknown, "rest">]
    ? NamedAfterRest<T, P, O>
    : Named<T, P, O>
  : never;
type Positional<S> = S extends { readonly T: infer T extends readonly unknown[]; readonly P: infer P extends Params }
  ? Plain<T, P>
  : never;

/**
 * A public function. Editors show its first form; the third is all forms in one, for where a type is asked for; and
 * transformations such as `vmap(np.dot)` infer from the last, which is the first again.
 */
export interface Defined<T extends readonly unknown[], P extends Params, R> {
  (...args: Positional<Split<Whole<T, P>, P, unknown>>): R;
  (...args: WithOptions<Split<Whole<T, P>, P, unknown>>): R;
  (...args: Positional<Split<Whole<T, P>, P, unknown>> | WithOptions<Split<Whole<T, P>, P, unknown>>): R;
  (...args: Positional<Split<Whole<T, P>, P, unknown>>): R;
}

type OrUndefined<P extends readonly unknown[]> = { [K in keyof P]: P[K] | undefined };
type OptionsLast<P extends readonly unknown[], O> = P extends readonly [...infer Init, unknown]
  ? [...OrUndefined<P>, options: O] | OptionsLast<Init, O>
  : [options: O];

/**
 * What follows the first argument of a function whose optional positionals are P and whose options object is O: for
 * methods, whose types are written out.
 * @example method(...rest: Trailing<[axis: Axis, keepdims: boolean], { axis?: Axis; keepdims?: boolean }>): NDArray
 */
export type Trailing<P extends readonly unknown[], O> = Partial<OrUndefined<P>> | OptionsLast<P, O>;
