// Arrays of the host: which typed array holds which dtype, and conversion between dtypes on the host. Where the host
// has no Float16Array, float16 comes and goes as float32, and the bits that devices hold are made here.
import type { DType, ServedDType } from "@weft/ir";
import { checkDType, convertReference, DTypeError, halfBits, halfValue } from "@weft/ir";

/** Float16Array, where the reader's TypeScript knows it (lib es2025.float16); nothing that users compile may name it. */
type Halves = typeof globalThis extends { readonly Float16Array: { of(...items: number[]): infer A } } ? A : never;
type AnyHalves = typeof globalThis extends { readonly Float16Array: { readonly prototype: infer A } } ? A : never;

/** What data() gives: bool as bytes 0 and 1, everything else in its own width (float16 as a Float32Array on hosts that have no Float16Array). */
export type HostArray =
  | Halves
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** Typed arrays that functions accept; they are copied at the call. */
export type TypedArray =
  | AnyHalves
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array;

/** Elements as devices hold them: float16 by its bits where the host knows no halves. */
export type StoredArray = HostArray | Uint16Array<ArrayBuffer>;

const hasHalves = typeof Float16Array === "function";

const CONSTRUCTORS = {
  bool: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float16: hasHalves ? Float16Array : Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<ServedDType, unknown>;

/** A zeroed array for n elements as devices hold them. */
export const storedArray = (dtype: ServedDType, n: number): StoredArray => new CONSTRUCTORS[dtype](n);

/** The elements of a dtype in these bytes, which start at a multiple of the element's width. */
export const storedView = (dtype: ServedDType, bytes: ArrayBuffer): StoredArray => new CONSTRUCTORS[dtype](bytes);

/** Stored elements as users get them. */
export const hostArray = (stored: StoredArray): HostArray =>
  stored instanceof Uint16Array ? Float32Array.from(stored, halfValue) : stored;

export const isTypedArray = (x: unknown): x is TypedArray | BigInt64Array | BigUint64Array =>
  ArrayBuffer.isView(x) && !(x instanceof DataView);

/** The dtype a typed array stands for. Throws DTypeError for 64-bit integers. */
export function dtypeOfTypedArray(op: string, x: object): DType {
  if (hasHalves && x instanceof Float16Array) return "float16";
  if (x instanceof Float32Array) return "float32";
  if (x instanceof Float64Array) return "float64";
  if (x instanceof Int32Array) return "int32";
  if (x instanceof Uint32Array) return "uint32";
  if (x instanceof Uint8Array || x instanceof Uint8ClampedArray) return "uint8";
  if (x instanceof Int8Array) return "int8";
  if (x instanceof Uint16Array) return "uint16";
  if (x instanceof Int16Array) return "int16";
  throw new DTypeError(
    `${op}: a ${x.constructor.name} has no dtype here (there are no 64-bit integers); convert it to an Int32Array or a Float64Array first`,
  );
}

/** A copy of host data in another dtype, converted as astype converts, as devices hold it. */
export function convertHost(op: string, from: DType, data: globalThis.ArrayLike<number>, to: DType): StoredArray {
  const dtype = checkDType(op, to);
  const result = storedArray(dtype, data.length);
  if (result instanceof Uint16Array) for (let i = 0; i < data.length; i++) result[i] = halfBits(data[i]);
  else if (from === dtype || (dtype !== "bool" && dtype.startsWith("float"))) result.set(data);
  else for (let i = 0; i < data.length; i++) result[i] = convertReference(dtype, data[i], from);
  return result;
}
