// Which shape of a matrix product is fastest on an adapter: each is run on one product, and the shortest of a few
// times counts. No property of an adapter tells (workgroup memory is a gain on GPUs and a loss on processors).
import { roundUp, USAGE } from "../constants.ts";
import type { PipelineCache } from "../pipelines.ts";
import { GEMM_SHAPES, GEMM_WORDS, gemmCode, gemmTile } from "./gemm.ts";
import type { GemmShape, GemmVariant } from "./gemm.ts";

const ROUNDS = 3;

/** Measures the shapes on products of `size`³ and returns the fastest. Waits for the device several times. */
export async function measureGemm(
  device: GPUDevice,
  pipelines: PipelineCache,
  size: number,
  now: () => number,
): Promise<GemmShape> {
  const bytes = size * size * 4;
  const buffers = [0, 1, 2].map(() => device.createBuffer({ size: bytes, usage: USAGE.storage }));
  const params = device.createBuffer({ size: roundUp(GEMM_WORDS * 4, 16), usage: USAGE.uniform | USAGE.copyTarget });
  let best = GEMM_SHAPES[0];
  let shortest = Infinity;
  try {
    for (const shape of GEMM_SHAPES) {
      const variant: GemmVariant = { ...shape, element: "f32", lhsAlongK: true, rhsAlongK: false, block: 0 };
      const compiled = pipelines.get({
        code: gemmCode(variant),
        writable: [false, false, true],
        describe: () => "a measured product",
      });
      await compiled.settled;
      const { pipeline, layout } = compiled;
      if (pipeline === null) continue;
      const [tileRows, tileCols] = gemmTile(variant);
      const tilesM = Math.ceil(size / tileRows);
      const tilesN = Math.ceil(size / tileCols);
      const operand = [0, 0, size, 1];
      const words = [1, size, size, size, ...operand, ...operand, tilesM, tilesN, 0, tilesM * tilesN];
      device.queue.writeBuffer(params, 0, Uint32Array.from(words));
      const entries = [params, ...buffers].map((buffer, binding) => ({ binding, resource: { buffer } }));
      const group = device.createBindGroup({ layout, entries });
      for (let round = 0; round < ROUNDS; round++) {
        await device.queue.onSubmittedWorkDone();
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group, [0]);
        pass.dispatchWorkgroups(tilesM * tilesN);
        pass.end();
        const from = now();
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
        const time = now() - from;
        // the first round warms up
        if (round > 0 && time < shortest) [best, shortest] = [shape, time];
      }
    }
  } finally {
    for (const buffer of [...buffers, params]) buffer.destroy();
  }
  return best;
}
