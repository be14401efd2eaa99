// The types of transformations (SEMANTICS 6.5). Trees are not constrained, because interfaces have no index signature;
// arguments and results are mapped leaf by leaf instead.
import type { NDArray } from "../core/array.ts";
import type { ArrayLike } from "../core/convert.ts";
import type { TypedArray } from "../core/host.ts";
import type { MapLeaves } from "../tree/types.ts";

/**
 * Anything. Written out as a union with a tuple, it makes the compiler infer `[value, params]` in
 * `return [value, params]` as a pair, not as an array of either.
 */
export type Returned = {} | null | undefined | void | readonly [];

/** What may be passed where a function takes an NDArray. JS booleans are static: they stay what they are. */
export type ArrayLeaf = NDArray | number | TypedArray;

type AnyFunction = (...args: never[]) => unknown;

/** T with every NDArray leaf loosened to what a caller may pass for it; an ArrayLike is one leaf. */
export type LooseTree<T> = unknown extends T ? T : [ArrayLike] extends [T] ? ArrayLeaf | boolean : LooseTreeOf<T>;
type LooseTreeOf<T> = T extends NDArray
  ? ArrayLeaf
  : T extends AnyFunction | TypedArray
    ? T
    : T extends object
      ? { [K in keyof T]: LooseTree<T[K]> }
      : T;

/** An argument list with every NDArray leaf loosened; optional and labelled parameters survive. */
export type Loose<A extends unknown[]> = { [K in keyof A]: LooseTree<A[K]> };

/** R with NDArrays for leaves: numbers come back as arrays. */
export type Arrays<R> = MapLeaves<R, NDArray>;

/** Options of grad and its kin. */
export interface GradOptions {
  /** Which arguments to differentiate; negative ones count from the end. */
  readonly argnums?: number | readonly number[];
  /** The function returns [value, aux]; aux is passed on untouched. */
  readonly hasAux?: boolean;
  /** Lets integer leaves pass, with gradients of dtype float0. */
  readonly allowInt?: boolean;
}

/** One argument, or several. */
export type Argnums = number | readonly number[];
/** argnums may stand for the options object. */
export type ArgnumsOrOptions = GradOptions | Argnums;
/** Options beside argnums. */
export type GradFlags = Omit<GradOptions, "argnums">;
/** What the third argument of grad and its kin stands for: hasAux, or the options. */
export type FlagsOf<O> = O extends boolean ? { readonly hasAux: O } : O;
/** The options that the second argument of grad and its kin stands for: argnums, or the options themselves. */
export type OptionsOf<O> = O extends number | readonly number[] ? { readonly argnums: O } : O;

type Argument<A extends unknown[], N> = N extends -1
  ? A extends [...unknown[], infer Last]
    ? Last
    : A[number]
  : N extends number
    ? `${N}` extends keyof A
      ? A[N]
      : A[number]
    : A[number];

/** The gradients alone, by literal argnums. */
export type Gradients<A extends unknown[], O> = O extends { readonly argnums: infer N }
  ? N extends readonly number[]
    ? { -readonly [K in keyof N]: Arrays<Argument<A, N[K]>> }
    : Arrays<Argument<A, N>>
  : Arrays<Argument<A, 0>>;

type Aux<R> = R extends readonly [unknown, infer X] ? X : never;

/** What grad returns: gradients, or [gradients, aux]. */
export type GradOf<A extends unknown[], R, O> = O extends { readonly hasAux: true }
  ? [Gradients<A, O>, Aux<R>]
  : Gradients<A, O>;

/** What valueAndGrad returns: [value, gradients], or [[value, aux], gradients]. */
export type ValueAndGradOf<A extends unknown[], R, O> = O extends { readonly hasAux: true }
  ? [[NDArray, Aux<R>], Gradients<A, O>]
  : [NDArray, Gradients<A, O>];

type Result<R, O> = O extends { readonly hasAux: true } ? (R extends readonly [infer Y, unknown] ? Y : never) : R;
type Entry<Y, X> = Y extends NDArray | number | boolean | TypedArray
  ? MapLeaves<X, NDArray>
  : Y extends object
    ? { [K in keyof Y]: Entry<Y[K], X> }
    : never;

/** What jacfwd and jacrev return: the result's tree of the argument's tree of arrays. */
export type JacobianOf<A extends unknown[], R, O> = O extends { readonly hasAux: true }
  ? [Entry<Result<R, O>, Gradients<A, O>>, Aux<R>]
  : Entry<Result<R, O>, Gradients<A, O>>;

export interface AuxOption {
  readonly hasAux?: boolean;
}
/** hasAux may stand for the options. */
export type AuxOf<O> = O extends boolean ? { readonly hasAux: O } : O;
/** [y, f] or [y, f, aux]. */
export type WithAux<R, O, F> = O extends { readonly hasAux: true } ? [Arrays<Result<R, O>>, F, Aux<R>] : [Arrays<R>, F];
/** The value part of a function's result. */
export type ValueOf<R, O> = Result<R, O>;
