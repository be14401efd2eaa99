// Arrays of the host: which typed array holds which dtype, and conversion between dtypes on the host. Where the host
// has no Float16Array, float16 comes and goes as float32, and the bits that devices hold are made here.
import type { DType, ServedDType } from "@weft/ir";
import { checkDType, convertReference, DisposedError, DTypeError, halfBits, halfValue } from "@weft/ir";
import { isDetached, typedArrayName } from "./realms.ts";

/** Float16Array, where the reader's TypeScript knows it (lib es2025.float16); nothing that users compile may name it. */
type Halves = typeof globalThis extends { readonly Float16Array: { of(...items: number[]): infer A } } ? A : never;
/** What a class of typed arrays makes: TypeScript before 5.7 does not know on which buffers they lie. */
type Made<C extends { of(...items: number[]): unknown }> = ReturnType<C["of"]>;
type AnyHalves = typeof globalThis extends { readonly Float16Array: { readonly prototype: infer A } } ? A : never;

/** What data() gives: bool as bytes 0 and 1, everything else in its own width (float16 as a Float32Array on hosts that have no Float16Array). */
export type HostArray =
  | Halves
  | Made<Float32ArrayConstructor>
  | Made<Float64ArrayConstructor>
  | Made<Int32ArrayConstructor>
  | Made<Uint32ArrayConstructor>
  | Made<Uint8ArrayConstructor>;

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
export type StoredArray = HostArray | Made<Uint16ArrayConstructor>;

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
  ArrayBuffer.isView(x) && typedArrayName(x) !== undefined;

const DTYPE_OF: ReadonlyMap<string | undefined, DType> = new Map([
  ["Float16Array", "float16"],
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
  ["Int32Array", "int32"],
  ["Uint32Array", "uint32"],
  ["Uint8Array", "uint8"],
  ["Uint8ClampedArray", "uint8"],
  ["Int8Array", "int8"],
  ["Uint16Array", "uint16"],
  ["Int16Array", "int16"],
]);

/** The dtype a typed array of any realm stands for. Throws DTypeError for 64-bit integers. */
export function dtypeOfTypedArray(op: string, x: object): DType {
  const name = typedArrayName(x);
  const dtype = DTYPE_OF.get(name);
  if ((x as TypedArray).length === 0 && isDetached(x as TypedArray))
    throw new DisposedError(`${op}: this ${name} was detached: its buffer was transferred, and its numbers with it`);
  if (dtype !== undefined) return dtype;
  throw new DTypeError(
    `${op}: a ${name} has no dtype here (there are no 64-bit integers); convert it to an Int32Array or a Float64Array first`,
  );
}

/** Host data as devices hold it: itself where that is how it lies, else a copy. Whoever is given it copies it at once. */
export const hostBytes = (op: string, from: DType, data: TypedArray, to: DType): ArrayBufferView =>
  from === to ? data : convertHost(op, from, data, to);

/** A copy of host data in another dtype, converted as astype converts, as devices hold it. */
export function convertHost(op: string, from: DType, data: globalThis.ArrayLike<number>, to: DType): StoredArray {
  const dtype = checkDType(op, to);
  const result = storedArray(dtype, data.length);
  if (result instanceof Uint16Array) for (let i = 0; i < data.length; i++) result[i] = halfBits(data[i]);
  else if (from === dtype || (dtype !== "bool" && dtype.startsWith("float"))) result.set(data);
  else for (let i = 0; i < data.length; i++) result[i] = convertReference(dtype, data[i], from);
  return result;
}
