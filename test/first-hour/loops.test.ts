// Loops of a first hour that never await, never dispose and make more than the device holds: their garbage is collected
// when the device is full. In a process of its own, because the limit is set before the first array.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const run = (program: string): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        "--conditions=source",
        "--input-type=module-typescript",
        "-e",
        `import { init, jit, memory, numpy as np, scope } from "@weft/api";\nconst MB = 2 ** 20, N = MB / 4;\n${program}`,
      ],
      {
        encoding: "utf8",
        cwd: fileURLToPath(new URL(".", import.meta.url)),
        timeout: 30_000,
      },
    ),
  ) as unknown;

for (const threads of [1, 2]) {
  test(`synchronous loops on ${threads} lanes`, () => {
    const program = `
      await init({ threads: ${threads}, maximumBytes: 16 * MB });
      let x = np.ones([N]);
      for (let i = 0; i < 100; i++) { x = x.mul(0.5).add(0.5); x.slice(0).item(); x.slice([1, 3]).dataSync(); }
      const step = jit((y) => y.mul(0.5).add(0.5));
      for (let i = 0; i < 100; i++) x = step(x);
      for (let i = 0; i < 40; i++) np.array(new Float32Array(N).fill(i)).sum().item();
      console.log(JSON.stringify([x.sum().item() / N, memory().bytes <= 16 * MB]));`;
    expect(run(program)).toEqual([1, true]);
  });
}

test("what is still reachable is not collected, and the error says how full the device is", () => {
  const program = `
    await init({ maximumBytes: 16 * MB });
    const kept = [];
    let message = "";
    try {
      for (let i = 0; i < 40; i++) { const x = np.full([N], i); kept.push(x.mul(np.array([1]))); kept.at(-1).slice(0).item(); kept.at(-1).dataSync(); }
    } catch (error) { message = error.name + ": " + error.message; }
    const sums = kept.slice(0, 15).map((x) => x.slice(-1).item());
    kept.length = 0;
    console.log(JSON.stringify([message.includes("OutOfMemoryError") && message.includes("16.0 MiB"), sums, np.ones([4 * N]).mul(2).slice(0).item()]));`;
  expect(run(program)).toEqual([true, Array.from({ length: 15 }, (_, i) => i), 2]);
});
