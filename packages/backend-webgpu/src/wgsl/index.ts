// WGSL from Kernels: one module a kernel and variant. Nothing about a primitive is known here beyond its one line in
// scalar.ts. It refuses float64, and kernels with more buffers than the device binds.
import type { Kernel } from "@weft/ir";
import { LANE_OF } from "@weft/ir";
import { Emitter } from "./emitter.ts";
import { libraryText } from "./library/index.ts";
import { elementType, packedAccess } from "./memory.ts";
import { paramStruct, paramWords, writeParams } from "./params.ts";
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
  if (kernel.buffers.length > maxStorageBuffers)
    throw new KernelLimitError(
      `webgpu: a kernel names ${kernel.buffers.length} buffers, this device binds ${maxStorageBuffers}; ` +
        `lower it with smaller kernels`,
    );
  const folds = kernel.phases.some(({ axes, folds }) => axes.length > 0 && folds.length > 0);
  const subgroups = variant === "group" && folds && options.subgroups;
  const f16 = options.f16 && kernel.buffers.some(({ storage }) => storage === "f16");
  for (const { storage } of kernel.buffers) gpuLane(LANE_OF[storage]);
  for (const lane of kernel.params) gpuLane(lane);
  for (const { lane } of kernel.nodes) gpuLane(lane);
  const bindings = kernel.buffers.map(({ access }) => (access === "read" ? "read" : "read_write"));
  const { lines, used, shared, points } = new Emitter(kernel, variant, subgroups, f16, wide, vectors, walks).run();
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
    ...kernel.buffers.map(
      (buffer, i) =>
        `@group(0) @binding(${i + 1}) var<storage, ${bindings[i]}> b${i}: array<${elementType(buffer, f16, wide?.[i])}>;`,
    ),
    ...shared,
    libraryText(used, corrected),
    ...kernel.buffers.flatMap((buffer, i) => packedAccess(buffer, i, f16)),
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
    bindings,
    paramWords: paramWords(kernel),
    writeParams: (words, dims, params, baseOffsets) => writeParams(kernel, words, dims, params, baseOffsets),
  };
}
