// A process that uses the device in the way its argument names and then has nothing left to do: the test sees whether
// it exits by itself. Prints what it did.
import { openWebgpu } from "../../src/index.ts";
import { at, floats, scale } from "./steps.ts";

const mode = process.argv[2];
const found = await openWebgpu({ reopenMs: 0 });
if ("missing" in found) throw new Error(found.missing);
const { backend } = found;

if (mode !== "idle") {
  const n = 1_000_000;
  const buffers = [backend.alloc(n * 4), backend.alloc(n * 4)];
  backend.upload(buffers[0], new Float32Array(n).fill(1.5));
  const program = backend.compile({ steps: [scale(n, at(0), at(1), 2)], buffers: 2, slots: 0 });
  const ticket = backend.run(program, { buffers, slots: [] });
  const first = async (): Promise<number> => (await floats(backend, buffers[1], 1))[0];
  if (mode === "read") {
    await ticket.wait();
    console.log(await first());
  } else if (mode === "promised") {
    // nobody awaits the promise, yet it was handed out
    void ticket.wait().then(first).then(console.log);
  } else if (mode === "closed") {
    await ticket.wait();
    await backend.close();
    console.log("closed");
  } else if (mode === "lost") {
    await ticket.wait();
    backend.device?.destroy();
    await backend.device?.lost;
    console.log("lost");
  } else if (mode === "exit") {
    await ticket.wait();
    process.exit(7);
  }
  // "pending" leaves a run that nobody waits for
}
