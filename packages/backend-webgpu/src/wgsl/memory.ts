// How the elements of a kernel's buffers lie in WGSL: 32-bit ones as they are, truth values as bytes and halves as 16
// bits in words, halves as f16 where the device has shader-f16. Elements are only ever written by their owner; words
// that several may share are written by atomics, each in its own bits.
import type { Kernel, StorageType } from "@weft/ir";
import { LANE_OF } from "@weft/ir";
import { elementAt, elementSet } from "./pieces.ts";
import type { Use } from "./scalar.ts";
import { gpuLane, WGSL_TYPE } from "./scalar.ts";

type KernelBuffer = Kernel["buffers"][number];

/** Elements in a word of 32 bits, and how they are told apart: the number's low bits, and log2 of the elements. */
interface Packing {
  readonly count: number;
  readonly mask: string;
  readonly shift: string;
  readonly bits: string;
  readonly ones: string;
}
const BYTES: Packing = { count: 4, mask: "3u", shift: "2u", bits: "8u", ones: "0xffu" };
const HALVES: Packing = { count: 2, mask: "1u", shift: "1u", bits: "16u", ones: "0xffffu" };

/** How a storage is packed into words, or null for elements that are addressed by themselves. */
export const packingOf = (storage: StorageType, f16: boolean): Packing | null =>
  storage === "bool" ? BYTES : storage === "f16" && !f16 ? HALVES : null;

/** Element type of a storage binding; `wide`: of one bound as vectors of four. */
export function elementType({ storage, access }: KernelBuffer, f16: boolean, wide = false): string {
  if (wide) return `vec4<${WGSL_TYPE[gpuLane(LANE_OF[storage])]}>`;
  if (packingOf(storage, f16) !== null) return access === "read" ? "u32" : "atomic<u32>";
  return storage === "f16" ? "f16" : WGSL_TYPE[gpuLane(LANE_OF[storage])];
}

/** The bits in memory of a value of a packed or 16-bit storage. */
export const stored = (use: Use, storage: StorageType, value: string): string =>
  storage === "bool" ? `select(0u, 1u, ${value})` : `${use("halfBits")}(${value})`;

/** The element at a place, as a value of its lane. */
export function loadedFrom(
  use: Use,
  { storage, access }: KernelBuffer,
  id: number,
  place: string,
  f16: boolean,
  pieces = 1,
): string {
  if (packingOf(storage, f16) !== null) {
    const bits = `${access === "read" ? "get" : "take"}${id}(u32(${place}))`;
    return storage === "bool" ? `(${bits} != 0u)` : `${use("halfValue")}(${bits})`;
  }
  const element = elementAt({ name: `b${id}`, pieces }, place, "i32");
  // by its bits: an implementation may flush halves that are subnormal where it converts them
  if (storage === "f16") return `${use("halfValue")}(bitcast<u32>(vec2<f16>(${element}, 0.0h)) & 0xffffu)`;
  return element;
}

/** The statement that writes one element by itself; of packed storages only by a call of `put`. */
export function storedTo(
  use: Use,
  { storage }: KernelBuffer,
  id: number,
  place: string,
  value: string,
  f16: boolean,
  pieces = 1,
): string {
  if (packingOf(storage, f16) !== null) return `put${id}(u32(${place}), ${stored(use, storage, value)});`;
  const bits = storage === "f16" ? `bitcast<vec2<f16>>(${stored(use, storage, value)}).x` : value;
  return elementSet({ name: `b${id}`, pieces }, place, "i32", bits);
}

/** The functions that reach single elements of a packed buffer. */
export function packedAccess(
  { storage, access }: KernelBuffer,
  id: number,
  f16: boolean,
  pieces = 1,
): readonly string[] {
  const packing = packingOf(storage, f16);
  if (packing === null) return [];
  const { mask, shift, bits, ones } = packing;
  const at = `i >> ${shift}`;
  const word = `b${id}[${at}]`;
  const from = `((i & ${mask}) * ${bits})`;
  const whole = pieces === 1;
  if (access === "read")
    return [
      `fn get${id}(i: u32) -> u32 { return (${elementAt({ name: `b${id}`, pieces }, at, "u32")} >> ${from}) & ${ones}; }`,
    ];
  const [load, and, or] = whole
    ? [`atomicLoad(&${word})`, `atomicAnd(&${word}, `, `atomicOr(&${word}, `]
    : [`b${id}_at(${at})`, `b${id}_and(${at}, `, `b${id}_or(${at}, `];
  return [
    `fn take${id}(i: u32) -> u32 { return (${load} >> ${from}) & ${ones}; }`,
    `fn put${id}(i: u32, x: u32) {`,
    `  let shift = ${from};`,
    `  ${and}~(${ones} << shift));`,
    `  ${or}x << shift);`,
    `}`,
  ];
}

/**
 * A store of several points of one invocation: elements that turn out to be whole words, one after the other, are
 * collected in them and written at once; others are written one by one.
 */
export class PackedStore {
  private readonly buffer: number;
  private readonly packing: Packing;
  private readonly names: { readonly word: string; readonly bits: string; readonly first: string };
  private readonly words: number;

  /** `number` tells the stores of a kernel apart; `points` is how many an invocation makes. */
  constructor(number: number, buffer: number, packing: Packing, points: number) {
    this.buffer = buffer;
    this.packing = packing;
    this.names = { word: `word${number}`, bits: `bits${number}`, first: `first${number}` };
    this.words = points / packing.count;
  }

  declare(): readonly string[] {
    const { word, bits, first } = this.names;
    const zero = this.words === 1 ? "0u" : `vec${this.words}<u32>(0u)`;
    return [`var ${word} = ${zero};`, `var ${bits} = ${zero};`, `var ${first} = 1u;`];
  }

  /** Point `k` of the invocation gives the element at `place`. */
  store(place: string, value: string): readonly string[] {
    const { word, bits, first } = this.names;
    const { mask, shift, bits: width, ones } = this.packing;
    const at = this.words === 1 ? "" : `[k >> ${shift}]`;
    return [
      `{`,
      `  let to = u32(${place});`,
      `  if (k == 0u) { ${first} = to; }`,
      `  if ((${first} & ${mask}) == 0u && to == ${first} + k) {`,
      `    ${bits}${at} |= ${ones} << (${width} * (k & ${mask}));`,
      `    ${word}${at} |= ${value} << (${width} * (k & ${mask}));`,
      `  } else { put${this.buffer}(to, ${value}); }`,
      `}`,
    ];
  }

  finish(): readonly string[] {
    const { word, bits, first } = this.names;
    return Array.from({ length: this.words }, (_, i) => {
      const at = this.words === 1 ? "" : `[${i}]`;
      const target = `&b${this.buffer}[(${first} >> ${this.packing.shift})${i === 0 ? "" : ` + ${i}u`}]`;
      return [
        `if (${bits}${at} == 0xffffffffu) { atomicStore(${target}, ${word}${at}); }`,
        `else if (${bits}${at} != 0u) {`,
        `  atomicAnd(${target}, ~${bits}${at});`,
        `  atomicOr(${target}, ${word}${at});`,
        `}`,
      ];
    }).flat();
  }
}
