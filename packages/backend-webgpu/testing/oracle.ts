// What a kernel should leave in its buffers, by the scheduler's interpreter of Kernels.
import type { Kernel } from "@weft/ir";
import { createInterpreter } from "@weft/scheduler";
import { pointsOf } from "../src/wgsl/index.ts";
import type { KernelInputs, Memory } from "./dawn.ts";

/** New buffers with the results; throws where the kernel leaves its buffers. */
export function interpreted(kernel: Kernel, { dims, params, buffers }: KernelInputs): readonly Memory[] {
  const device = createInterpreter();
  const points = pointsOf(kernel, dims);
  const places = buffers.map((_, buffer) => ({ buffer, offset: 0 }));
  const program = device.compile({
    steps: [{ kind: "kernel", kernel, key: "", dims, params, places, points, work: points }],
    buffers: buffers.length,
    slots: 0,
  });
  const held = buffers.map((memory) => {
    const buffer = device.alloc(memory.byteLength);
    device.upload(buffer, memory);
    return buffer;
  });
  device.run(program, { buffers: held, slots: [] }).help();
  return buffers.map((memory, i) => {
    const result = memory.slice();
    device.readSync(held[i], new Uint8Array(result.buffer));
    return result;
  });
}
