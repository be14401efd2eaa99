// What an adapter's arithmetic is like: WGSL allows quotients an error of 2.5 units and square roots more. Measured
// once an opening, on a few thousand numbers, because no property of an adapter says it.
import { MAP_READ, USAGE } from "./constants.ts";

const COUNT = 4096;
const CODE = `@group(0) @binding(0) var<storage, read> given: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  out[i] = given[i] / given[${COUNT}u + i];
  out[${COUNT}u + i] = sqrt(given[i]);
}`;

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);
/** Neighbouring positive floats differ by 1. */
function ordinal(x: number): number {
  float[0] = x;
  return bits[0];
}

/** Whether quotients or square roots of the device are off by more than one unit in the last place. */
export async function needsCorrection(device: GPUDevice): Promise<boolean> {
  const given = new Float32Array(2 * COUNT);
  let state = 1;
  for (let i = 0; i < given.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // every eighth pair near the largest numbers, whose reciprocals an adapter may flush
    const exponent = i % 8 === 0 ? 126 : ((state >>> 7) % 24) - 12;
    given[i] = (1 + state / 2 ** 32) * 2 ** exponent;
  }
  const bytes = given.byteLength;
  const make = (usage: number): GPUBuffer => device.createBuffer({ size: bytes, usage });
  const source = make(USAGE.storage | USAGE.copyTarget);
  const out = make(USAGE.storage | USAGE.copySource);
  const staging = make(USAGE.mapRead | USAGE.copyTarget);
  device.queue.writeBuffer(source, 0, given);
  const module = device.createShaderModule({ code: CODE });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
  const entries = [source, out].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(COUNT / 64);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(MAP_READ);
  const got = new Float32Array(staging.getMappedRange());
  let worst = 0;
  for (let i = 0; i < COUNT; i++) {
    worst = Math.max(worst, Math.abs(ordinal(got[i]) - ordinal(given[i] / given[COUNT + i])));
    worst = Math.max(worst, Math.abs(ordinal(got[COUNT + i]) - ordinal(Math.sqrt(given[i]))));
  }
  for (const buffer of [source, out, staging]) buffer.destroy();
  return worst > 1;
}
