// What a cached plan of 30 kernels costs the calling thread, beside a bare loop of the WebGPU calls that no plan of 30
// kernels can do without (an encoder, a pass, and for each kernel a pipeline, a bind group and a dispatch). Both are
// timed in the same rounds, in blocks of calls that wait for nothing. Runs in pages and in Node alike.
import type { NDArray } from "@weft/api";
import { defaultDevice, jit, numpy as np } from "@weft/api";

import { median } from "../src/harness.ts";

export const KERNELS = 30;
/** Calls of a block, and blocks. */
const CALLS = 100;
const BLOCKS = 24;

/** Microseconds of one call: medians over blocks, and the least. */
export interface SubmitCost {
  readonly weft: number;
  readonly bare: number;
  readonly leastWeft: number;
  readonly leastBare: number;
  /** What they are: time of the calling thread's processor, or of its clock. */
  readonly of: "processor" | "clock";
}

/** The thread's clock in microseconds; its processor time where the host has it. */
interface Clock {
  readonly of: SubmitCost["of"];
  now(): number;
}

type Host = { readonly process?: { threadCpuUsage?(): { readonly user: number; readonly system: number } } };

function threadClock(): Clock {
  const { process } = globalThis as Host;
  if (process?.threadCpuUsage === undefined) return { of: "clock", now: () => performance.now() * 1000 };
  return {
    of: "processor",
    now: () => {
      const { user, system } = process.threadCpuUsage?.() ?? { user: 0, system: 0 };
      return user + system;
    },
  };
}

/** The calls of 30 kernels in one pass, with two pipelines in turn as the plan below has. */
async function bareLoop(device: GPUDevice): Promise<{ submit(): void; done(): Promise<void> }> {
  device.pushErrorScope("validation");
  const layout = device.createBindGroupLayout({
    entries: (["uniform", "read-only-storage", "storage"] as const).map((type, binding) => ({
      binding,
      visibility: 4,
      buffer: type === "uniform" ? { type, hasDynamicOffset: true } : { type },
    })),
  });
  const pipelines = ["x + 1.0", "x * 2.0"].map((value) => {
    const code = `@group(0) @binding(0) var<uniform> n: vec4u;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < n.x) { let x = source[id.x]; out[id.x] = ${value}; }
}`;
    const module = device.createShaderModule({ code });
    const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
    return device.createComputePipeline({ layout: pipelineLayout, compute: { module, entryPoint: "main" } });
  });
  const params = device.createBuffer({ size: 256 * KERNELS, usage: 64 | 8 });
  device.queue.writeBuffer(params, 0, new Uint32Array(64 * KERNELS).fill(256));
  const buffers = [0, 1, 2].map(() => device.createBuffer({ size: 1024, usage: 128 }));
  const groups = Array.from({ length: KERNELS }, (_, i) =>
    device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: { buffer: params, size: 16 } },
        { binding: 1, resource: { buffer: buffers[i % 3] } },
        { binding: 2, resource: { buffer: buffers[(i + 1) % 3] } },
      ],
    }),
  );
  const offsets = Uint32Array.from(groups, (_, i) => 256 * i);
  const loop = {
    submit: () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (let i = 0; i < KERNELS; i++) {
        pass.setPipeline(pipelines[i & 1]);
        pass.setBindGroup(0, groups[i], offsets, i, 1);
        pass.dispatchWorkgroups(4, 1, 1);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
    done: async () => {
      await device.queue.onSubmittedWorkDone();
    },
  };
  loop.submit();
  await loop.done();
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`the bare loop is wrong: ${error.message}`);
  return loop;
}

/** 15 small products, each followed by one elementwise kernel: nothing of it can be fused further. */
const thirtyKernels = (x: NDArray, w: NDArray): NDArray => {
  let y = x;
  for (let i = 0; i < KERNELS / 2; i++)
    y = np
      .matmul(y, w)
      .mul(0.5 + i / 100)
      .add(1);
  return y;
};

/** Measures both on one GPUDevice, that of Weft's device "webgpu", which is open. */
export async function submitCost(): Promise<SubmitCost> {
  const clock = threadClock();
  const before = defaultDevice();
  defaultDevice("webgpu");
  const x = await np.ones([16, 16]).ready();
  const w = await np
    .ones([16, 16])
    .mul(1 / 16)
    .ready();
  const { device = null } = (x.node.value?.backend ?? {}) as { readonly device?: GPUDevice | null };
  if (device === null) throw new Error("the arrays do not lie on a WebGPU device");
  const bare = await bareLoop(device);
  const program = jit(thirtyKernels);
  await program.compile(x, w);
  defaultDevice(before);
  let result = program(x, w);
  const contenders = {
    weft: {
      submit: () => {
        result.dispose();
        result = program(x, w);
      },
      done: async () => {
        await result.ready();
      },
    },
    bare,
  };
  const times: Record<keyof typeof contenders, number[]> = { weft: [], bare: [] };
  for (let block = -6; block < BLOCKS; block++) {
    for (const name of block % 2 === 0 ? (["weft", "bare"] as const) : (["bare", "weft"] as const)) {
      const { submit, done } = contenders[name];
      const start = clock.now();
      for (let i = 0; i < CALLS; i++) submit();
      const each = (clock.now() - start) / CALLS;
      await done();
      if (block >= 0) times[name].push(each);
    }
  }
  const value = (await result.data())[0];
  let expected = 1;
  for (let i = 0; i < KERNELS / 2; i++) expected = expected * (0.5 + i / 100) + 1;
  if (Math.abs(value - expected) > 1e-4 * expected) throw new Error(`30 kernels gave ${value} instead of ${expected}`);
  return {
    weft: median(times.weft),
    bare: median(times.bare),
    leastWeft: Math.min(...times.weft),
    leastBare: Math.min(...times.bare),
    of: clock.of,
  };
}
