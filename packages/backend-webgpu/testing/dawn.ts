// Runs generated kernels on an adapter in tests: Dawn in Node, the browser's own in a page. Where there is no adapter it says why, and suites skip;
// with WEFT_REQUIRE naming webgpu that is a failure instead.
import type { Kernel, StorageType } from "@weft/ir";
import type { WgslKernel, WgslOptions } from "../src/wgsl/index.ts";
import { emitWgsl, pointsOf } from "../src/wgsl/index.ts";
import { skipped } from "../../../test/support/require.ts";

export type Memory = Float16Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

export interface KernelInputs {
  readonly dims: readonly number[];
  readonly params: readonly number[];
  readonly buffers: readonly Memory[];
}

export interface Adapter {
  readonly device: GPUDevice;
  readonly name: string;
  /** Whether folds may use subgroups. */
  readonly subgroups: boolean;
  /** Whether kernels may use 16-bit floats. */
  readonly f16: boolean;
}

// Dawn lives as long as what create() returns
const held: unknown[] = [];

async function openDawn(): Promise<GPU> {
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  const gpu = create([]) as GPU;
  held.push(gpu);
  return gpu;
}

async function open(): Promise<Adapter | string> {
  try {
    const gpu = typeof process === "undefined" ? navigator.gpu : await openDawn();
    const adapter = await gpu.requestAdapter();
    if (adapter === null) return "no adapter";
    const { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    const subgroups = adapter.features.has("subgroups") && gpu.wgslLanguageFeatures.has("subgroup_id");
    const f16 = adapter.features.has("shader-f16");
    const device = await adapter.requestDevice({
      requiredFeatures: [...(subgroups ? (["subgroups"] as const) : []), ...(f16 ? (["shader-f16"] as const) : [])],
      requiredLimits: { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize },
    });
    return { device, subgroups, f16, name: `${adapter.info.vendor} ${adapter.info.description}` };
  } catch (error) {
    return String(error);
  }
}

/** The adapter, or null after a line that says why there is none. */
export async function openAdapter(): Promise<Adapter | null> {
  const adapter = await open();
  if (typeof adapter !== "string") return adapter;
  skipped("webgpu", adapter, "a suite of kernels");
  return null;
}

/** A line of a table that a test measured. */
export const report = (line: string): void => console.info(line);

export interface RunOptions extends Partial<WgslOptions> {
  /** Elements put before element 0 of each buffer. */
  readonly offset?: number;
}

interface Compiled {
  readonly layout: GPUBindGroupLayout;
  readonly pipeline: GPUComputePipeline;
}
const compiled = new Map<string, Compiled>();

function pipelineOf(device: GPUDevice, { code, bindings }: WgslKernel): Compiled {
  const known = compiled.get(code);
  if (known !== undefined) return known;
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } },
      ...bindings.map((access, i) => ({
        binding: i + 1,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === "read" ? ("read-only-storage" as const) : ("storage" as const) },
      })),
    ],
  });
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
  });
  compiled.set(code, { layout, pipeline });
  return { layout, pipeline };
}

const GUARD = 0xa5;

/** The buffers after running the kernel; throws where the code does not compile or a byte around them changed. */
export async function runWgsl(
  { device }: Adapter,
  kernel: Kernel,
  inputs: KernelInputs,
  { offset = 0, ...options }: RunOptions = {},
): Promise<Memory[]> {
  const wgsl = emitWgsl(kernel, {
    f16: false,
    subgroups: false,
    maxStorageBuffers: device.limits.maxStorageBuffersPerShaderStage,
    ...options,
  });
  device.pushErrorScope("validation");
  const { layout, pipeline } = pipelineOf(device, wgsl);
  const slot = 256;
  const uniform = new DataView(new ArrayBuffer(slot + Math.ceil(wgsl.paramWords / 64) * 256));
  wgsl.writeParams(
    new DataView(uniform.buffer, slot),
    inputs.dims,
    inputs.params,
    inputs.buffers.map(() => offset),
  );
  const params = device.createBuffer({
    size: uniform.byteLength,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(params, 0, new Uint8Array(uniform.buffer));
  const before = inputs.buffers.map((memory) => {
    const start = offset * memory.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(Math.ceil((start + memory.byteLength) / 16) * 16 + 16).fill(GUARD);
    bytes.set(new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength), start);
    return bytes;
  });
  const buffers = before.map((bytes) => {
    const buffer = device.createBuffer({
      size: bytes.length,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    device.queue.writeBuffer(buffer, 0, bytes);
    return buffer;
  });
  const staging = before.map((bytes) =>
    device.createBuffer({ size: bytes.length, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
  );
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: { buffer: params, size: uniform.byteLength - slot } },
        ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
      ],
    }),
    [slot],
  );
  // as launch.ts has it, a grid without points is no dispatch
  const points = pointsOf(kernel, inputs.dims);
  if (points > 0) pass.dispatchWorkgroups(...wgsl.dispatch(points));
  pass.end();
  buffers.forEach((buffer, i) => encoder.copyBufferToBuffer(buffer, 0, staging[i], 0, before[i].length));
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`${error.message}\n${wgsl.code}`);
  const results: Memory[] = [];
  for (const [i, memory] of inputs.buffers.entries()) {
    await staging[i].mapAsync(GPUMapMode.READ);
    const bytes = new Uint8Array(staging[i].getMappedRange().slice(0));
    const start = offset * memory.BYTES_PER_ELEMENT;
    const written = kernel.buffers[i].access !== "read";
    for (let at = 0; at < bytes.length; at++) {
      const inside = at >= start && at < start + memory.byteLength;
      if (!(inside && written) && bytes[at] !== before[i][at])
        throw new Error(`byte ${at} of buffer ${i} changed outside of the output\n${wgsl.code}`);
    }
    const own = bytes.slice(start, start + memory.byteLength).buffer;
    results.push(new (memory.constructor as new (bytes: ArrayBufferLike) => Memory)(own));
  }
  for (const buffer of [...buffers, ...staging, params]) buffer.destroy();
  return results;
}

export function memoryOf(storage: StorageType, length: number, fill: (i: number) => number): Memory {
  if (storage === "bool") return Uint8Array.from({ length }, (_, i) => (fill(i) === 0 ? 0 : 1));
  if (storage === "i32") return Int32Array.from({ length }, (_, i) => fill(i));
  if (storage === "u32") return Uint32Array.from({ length }, (_, i) => fill(i));
  if (storage === "f16") return Float16Array.from({ length }, (_, i) => fill(i));
  return Float32Array.from({ length }, (_, i) => fill(i));
}
