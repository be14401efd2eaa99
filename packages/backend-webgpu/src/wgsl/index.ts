// WGSL from Kernels: one module a kernel and variant. Nothing about a primitive is known here beyond its one line in
// scalar.ts. It refuses float64, and kernels with more buffers than the device binds.
import type { Kernel } from "@weft/ir";
import { LANE_OF } from "@weft/ir";
import { Emitter } from "./emitter.ts";
import { libraryText } from "./library/index.ts";
import { elementType, packedAccess } from "./memory.ts";
import { paramStruct, paramWords, writeParams } from "./params.ts";
import { declared, piecesText } from "./pieces.ts";
import type { Binding } from "./pieces.ts";
import { gpuLane } from "./scalar.ts";
import type { WgslKernel, WgslOptions } from "./types.ts";
import { KernelLimitError } from "./types.ts";
import { invocationsOf } from "./variant.ts";

export { KernelLimitError } from "./types.ts";
export type { Variant, WgslKernel, WgslOptions } from "./types.ts";
export { nameOfWalks, walksOf } from "./blocks.ts";
export { pointsOf } from "./params.ts";
export { variantOf } from "./variant.ts";
export { wideBuffers } from "./wide.ts";

/** maxComputeWorkgroupsPerDimension that every device has. */
const WORKGROUPS = 65_535;

/** Workgroups spread over as few dimensions as hold them, with little left over. */
export function workgroups(count: number): readonly [number, number, number] {
  const z = Math.max(1, Math.ceil(count / (WORKGROUPS * WORKGROUPS)));
  const y = Math.max(1, Math.ceil(count / z / WORKGROUPS));
  return [Math.ceil(count / z / y), y, z];
}

/**
 * A kernel as WGSL. The same kernel and options always give the same text.
 * Throws DTypeError for float64 and KernelLimitError for more than `maxStorageBuffers` buffers.
 * @example emitWgsl(step.kernel, { f16: false, subgroups: false, maxStorageBuffers: 8 }).code
 */
export function emitWgsl(kernel: Kernel, options: WgslOptions): WgslKernel {
  const { variant = "point", maxStorageBuffers, corrected = false, wide = null, vectors = 1, walks = null } = options;
  const { pieces = null, pieceBytes = 2 ** 27 } = options;
  const count = pieces === null ? kernel.buffers.length : pieces.reduce((sum, of) => sum + of, 0);
  if (count > maxStorageBuffers)
    throw new KernelLimitError(
      `webgpu: a kernel names ${count} buffers, this device binds ${maxStorageBuffers}; ` +
        `lower it with smaller kernels`,
    );
  const folds = kernel.phases.some(({ axes, folds }) => axes.length > 0 && folds.length > 0);
  const subgroups = variant === "group" && folds && options.subgroups;
  const f16 = options.f16 && kernel.buffers.some(({ storage }) => storage === "f16");
  for (const { storage } of kernel.buffers) gpuLane(LANE_OF[storage]);
  for (const lane of kernel.params) gpuLane(lane);
  for (const { lane } of kernel.nodes) gpuLane(lane);
  const buffers = kernel.buffers.map((buffer, i): Binding => {
    const access = buffer.access === "read" ? "read" : "read_write";
    return { name: `b${i}`, type: elementType(buffer, f16, wide?.[i]), access, pieces: pieces?.[i] ?? 1 };
  });
  const form = { variant, subgroups, f16, wide, vectors, walks, pieces };
  const { lines, used, shared, points } = new Emitter(kernel, form).run();
  const builtins = [
    `@builtin(workgroup_id) at: vec3<u32>`,
    `@builtin(num_workgroups) count: vec3<u32>`,
    `@builtin(local_invocation_index) lane: u32`,
    ...(subgroups ? [`@builtin(subgroup_id) subgroup: u32`, `@builtin(num_subgroups) subgroups: u32`] : []),
  ];
  const workgroup = invocationsOf(kernel, variant);
  const code = [
    ...(f16 ? [`enable f16;`] : []),
    ...(subgroups ? [`enable subgroups;`] : []),
    paramStruct(kernel),
    ...declared(buffers),
    ...shared,
    libraryText(used, corrected),
    ...buffers.flatMap((buffer) => piecesText(buffer, pieceBytes)),
    ...kernel.buffers.flatMap((buffer, i) => packedAccess(buffer, i, f16, pieces?.[i])),
    `@compute @workgroup_size(${workgroup})`,
    `fn main(${builtins.join(", ")}) {`,
    ...lines,
    `}`,
    ``,
  ].join("\n");
  const share = variant === "group" ? 1 : workgroup * points;
  return {
    code,
    variant,
    workgroup,
    dispatch: (count) => workgroups(Math.ceil(count / share)),
    bindings: buffers.flatMap(({ access, pieces }) => Array.from({ length: pieces }, () => access)),
    paramWords: paramWords(kernel),
    writeParams: (words, dims, params, baseOffsets) => writeParams(kernel, words, dims, params, baseOffsets),
  };
}
