// Arrays of the host: which typed array holds which dtype, and conversion between dtypes on the host.
import type { DType, ServedDType } from "@weft/ir";
import { checkDType, convertReference, DTypeError } from "@weft/ir";

/** What data() gives: bool as bytes 0 and 1, everything else in its own width. */
export type HostArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Typed arrays that functions accept; they are copied at the call. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array;

const CONSTRUCTORS = {
  bool: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<ServedDType, unknown>;

/** A zeroed host array for n elements. */
export const hostArray = (dtype: ServedDType, n: number): HostArray => new CONSTRUCTORS[dtype](n);

/** The elements of a dtype in these bytes, which start at a multiple of the element's width. */
export const hostView = (dtype: ServedDType, bytes: ArrayBuffer): HostArray => new CONSTRUCTORS[dtype](bytes);

export const isTypedArray = (x: unknown): x is TypedArray | BigInt64Array | BigUint64Array => ArrayBuffer.isView(x) && !(x instanceof DataView);

/** The dtype a typed array stands for. Throws DTypeError for 64-bit integers. */
export function dtypeOfTypedArray(op: string, x: object): DType {
  if (x instanceof Float32Array) return "float32";
  if (x instanceof Float64Array) return "float64";
  if (x instanceof Int32Array) return "int32";
  if (x instanceof Uint32Array) return "uint32";
  if (x instanceof Uint8Array || x instanceof Uint8ClampedArray) return "uint8";
  if (x instanceof Int8Array) return "int8";
  if (x instanceof Uint16Array) return "uint16";
  if (x instanceof Int16Array) return "int16";
  throw new DTypeError(`${op}: a ${x.constructor.name} has no dtype here (there are no 64-bit integers); convert it to an Int32Array or a Float64Array first`);
}

/** A copy of host data in another dtype, converted as astype converts. */
export function convertHost(op: string, from: DType, data: globalThis.ArrayLike<number>, to: DType): HostArray {
  const dtype = checkDType(op, to);
  const result = hostArray(dtype, data.length);
  if (from === dtype || (dtype !== "bool" && dtype.startsWith("float"))) result.set(data);
  else for (let i = 0; i < data.length; i++) result[i] = convertReference(dtype, data[i], from);
  return result;
}
