// What the WGSL generator takes and gives. The device runtime builds pipelines, bind groups and uniform slots from
// this and knows nothing of how a kernel is written down.
import { WeftError } from "@weft/ir";
import type { Walk } from "./blocks.ts";

/**
 * How grid points are spread over invocations. `point`: one invocation a grid point, inner axes are loops. `group`: one
 * workgroup a grid point, whose invocations share the inner axes.
 */
export type Variant = "point" | "group";

/** What the adapter offers, and the form wanted. */
export interface WgslOptions {
  /** shader-f16 is enabled: arrays of float16 are array<f16>. Otherwise two lie in a word, as four truth values do. */
  readonly f16: boolean;
  /** Folds of `group` kernels start inside subgroups: the feature is enabled and the language has subgroup_id. */
  readonly subgroups: boolean;
  /** maxStorageBuffersPerShaderStage of the device. */
  readonly maxStorageBuffers: number;
  /** The buffers bound as vectors, of a kernel computed four points at a time; see `wideBuffers`. */
  readonly wide?: readonly boolean[] | null;
  /** How many times four points an invocation of such a kernel computes; 1 unless given. */
  readonly vectors?: number;
  /** How inner axes are walked, so that long sums keep their digits; see `walksOf`. Plain loops unless given. */
  readonly walks?: readonly Walk[] | null;
  /** Bindings of each buffer: more than one for those bound in pieces. One each unless given. */
  readonly pieces?: readonly number[] | null;
  /** Bytes of a piece, a power of two. */
  readonly pieceBytes?: number;
  /** `point` unless given; see `variantOf`. */
  readonly variant?: Variant;
  /**
   * Quotients and square roots to within a unit in the last place where the adapter's own are worse (WGSL allows 2.5
   * units for a quotient). False unless given: measure it once an adapter.
   */
  readonly corrected?: boolean;
}

/** A kernel as WGSL. Its entry point is `main`; everything is in bind group 0. */
export interface WgslKernel {
  readonly code: string;
  readonly variant: Variant;
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** Workgroups for a grid of so many points; [0, 1, 1] for an empty one. */
  dispatch(points: number): readonly [x: number, y: number, z: number];
  /** One storage buffer a kernel buffer or a piece of it, at binding 1 and up; binding 0 is the uniform. */
  readonly bindings: readonly ("read" | "read_write")[];
  /** 32-bit words of the uniform struct. */
  readonly paramWords: number;
  /**
   * Writes the uniform struct at the start of `words`.
   * @param baseOffsets Elements from the start of each buffer's binding to its element 0.
   */
  writeParams(
    words: DataView,
    dims: ArrayLike<number>,
    params: readonly number[],
    baseOffsets: readonly number[],
  ): void;
}

/** A kernel that needs more than the device's limits allow; the scheduler can be asked for smaller ones. */
export class KernelLimitError extends WeftError {}
