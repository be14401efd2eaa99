// Element types: their names, sizes, kinds, and JAX's promotion lattice (without 64-bit integers).
// Owns what a dtype is; refuses to know how a device stores one beyond its byte width.
import { DTypeError } from "./errors.ts";

/** Every dtype name the types carry. `key` is the element type of random keys (2 × uint32). */
export type DType =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128"
  | "float0"
  | "key";

/** The dtypes this build creates and computes with, end to end. */
export type ServedDType = "bool" | "int32" | "uint32" | "float16" | "float32" | "float64";

export type DTypeKind = "bool" | "signed" | "unsigned" | "float" | "complex" | "float0" | "key";

interface DTypeRow {
  readonly kind: DTypeKind;
  readonly bytes: number;
}

/** Kind and bytes an element of every dtype. */
export const DTYPES = {
  bool: { kind: "bool", bytes: 1 },
  int8: { kind: "signed", bytes: 1 },
  uint8: { kind: "unsigned", bytes: 1 },
  int16: { kind: "signed", bytes: 2 },
  uint16: { kind: "unsigned", bytes: 2 },
  int32: { kind: "signed", bytes: 4 },
  uint32: { kind: "unsigned", bytes: 4 },
  float16: { kind: "float", bytes: 2 },
  bfloat16: { kind: "float", bytes: 2 },
  float32: { kind: "float", bytes: 4 },
  float64: { kind: "float", bytes: 8 },
  complex64: { kind: "complex", bytes: 8 },
  complex128: { kind: "complex", bytes: 16 },
  float0: { kind: "float0", bytes: 0 },
  key: { kind: "key", bytes: 8 },
} as const satisfies Record<DType, DTypeRow>;

export const SERVED_DTYPES: readonly ServedDType[] = ["bool", "int32", "uint32", "float16", "float32", "float64"];

const served: ReadonlySet<string> = new Set(SERVED_DTYPES);

export const isServed = (dtype: DType): dtype is ServedDType => served.has(dtype);
export const isFloat = (dtype: DType): boolean => DTYPES[dtype].kind === "float";
export const isInteger = (dtype: DType): boolean =>
  DTYPES[dtype].kind === "signed" || DTYPES[dtype].kind === "unsigned";
export const bytesOf = (dtype: DType): number => DTYPES[dtype].bytes;

/** Checks a user's dtype name. Throws DTypeError that lists the served ones. */
export function checkDType(op: string, name: string): ServedDType {
  if (served.has(name)) return name as ServedDType;
  const wide = name === "int64" || name === "uint64" ? " (Weft has no 64-bit integers, as JAX without x64)" : "";
  throw new DTypeError(`${op}: dtype ${name} is not available${wide}; use one of ${SERVED_DTYPES.join(", ")}`);
}

// JAX's lattice (jax docs, "Type promotion semantics"): edges to the immediate upper bounds. i*, f*, c* are the
// weak Python scalars. int64 and uint64 are cut out, so uint32 ∨ int32 falls back to int32 as JAX does without x64.
type LatticeNode = Exclude<DType, "float0" | "key"> | "i*" | "f*" | "c*";
const LATTICE: Record<LatticeNode, readonly LatticeNode[]> = {
  bool: ["i*"],
  "i*": ["uint8", "int8"],
  uint8: ["int16", "uint16"],
  uint16: ["int32", "uint32"],
  uint32: ["f*"],
  int8: ["int16"],
  int16: ["int32"],
  int32: ["f*"],
  "f*": ["c*", "float16", "bfloat16"],
  float16: ["float32"],
  bfloat16: ["float32"],
  float32: ["float64", "complex64"],
  float64: ["complex128"],
  "c*": ["complex64"],
  complex64: ["complex128"],
  complex128: [],
};

const upperBounds = (from: LatticeNode): ReadonlySet<LatticeNode> => {
  const found = new Set<LatticeNode>([from]);
  for (const node of found) for (const next of LATTICE[node]) found.add(next);
  return found;
};
const BOUNDS = new Map((Object.keys(LATTICE) as LatticeNode[]).map((node) => [node, upperBounds(node)]));

/** A dtype with its weakness, as promotion sees it. */
export interface TypeOf {
  readonly dtype: DType;
  readonly weak: boolean;
}

const latticeNode = ({ dtype, weak }: TypeOf): LatticeNode => {
  const kind = DTYPES[dtype].kind;
  if (kind === "key" || kind === "float0")
    throw new DTypeError(`promotion: ${dtype} takes no part in arithmetic; random keys are passed to random.*`);
  if (!weak || kind === "bool") return dtype as LatticeNode;
  return kind === "float" ? "f*" : kind === "complex" ? "c*" : "i*";
};
const DEFAULTS = { "i*": "int32", "f*": "float32", "c*": "complex64" } as const;

const leastUpperBound = (a: LatticeNode, b: LatticeNode): LatticeNode => {
  // without 64-bit integers the join of int32 and uint32 is int32 (measured on JAX 0.10 with x64 disabled)
  if (
    (a === "uint32" && (b === "int32" || b === "int16" || b === "int8")) ||
    (b === "uint32" && (a === "int32" || a === "int16" || a === "int8"))
  )
    return "int32";
  const boundsOfB = BOUNDS.get(b) ?? new Set();
  const common = [...(BOUNDS.get(a) ?? [])].filter((node) => boundsOfB.has(node));
  for (const candidate of common) {
    const above = BOUNDS.get(candidate) ?? new Set();
    if (common.every((node) => above.has(node))) return candidate;
  }
  throw new DTypeError(`promotion: no common dtype of ${a} and ${b}`);
};

const promoted = new Map<string, TypeOf>();

/** JAX's promotion of two types, weak types included. Throws DTypeError for keys. */
export function promote(a: TypeOf, b: TypeOf): TypeOf {
  if (a.dtype === b.dtype && a.weak === b.weak) return a;
  const key = `${a.dtype}${a.weak ? "*" : ""},${b.dtype}${b.weak ? "*" : ""}`;
  let result = promoted.get(key);
  if (result === undefined) {
    const weak = a.weak && b.weak;
    const joined = leastUpperBound(latticeNode(a), latticeNode(b));
    // two weak types keep the wider dtype they had, so that weak float64 never becomes float32 silently
    if (joined === "i*" || joined === "f*" || joined === "c*") result = { dtype: DEFAULTS[joined], weak: true };
    else result = { dtype: joined, weak: weak && joined !== "bool" };
    promoted.set(key, result);
  }
  return result;
}

type IntegerRange = readonly [least: number, largest: number];
/** The least and the largest number of each integer dtype that arrays have here. */
export const INTEGER_RANGES: Readonly<Record<"int32" | "uint32", IntegerRange> & Partial<Record<DType, IntegerRange>>> =
  {
    int32: [-(2 ** 31), 2 ** 31 - 1],
    uint32: [0, 2 ** 32 - 1],
  };

/**
 * The largest or the smallest value of a dtype: the extreme of nothing.
 * @example extremeOf("uint32", true) // 4294967295
 */
export function extremeOf(dtype: DType, largest: boolean): number {
  if (isFloat(dtype)) return largest ? Infinity : -Infinity;
  const [least, most] = INTEGER_RANGES[dtype] ?? [0, 1];
  return largest ? most : least;
}

/**
 * A number that an integer dtype is asked to hold must fit it, without its fraction (SEMANTICS 5.1); NaN becomes 0.
 * Arrays that are converted saturate instead. @throws DTypeError
 */
export function expectFits(op: string, value: number, dtype: DType, hint: string): void {
  const range = INTEGER_RANGES[dtype];
  if (range === undefined) return;
  const whole = Math.trunc(value);
  if (whole < range[0] || whole > range[1])
    throw new DTypeError(`${op}: ${value} does not fit ${dtype} (${range[0]} to ${range[1]}); ${hint}`);
}
