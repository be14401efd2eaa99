// A process that uses the device in the way its argument names and then has nothing left to do: the test sees whether
// it exits by itself. Prints what it did.
import { createWasmBackend } from "../../src/index.ts";
import { expStep } from "./scaling.ts";

const mode = process.argv[2];
const n = mode === "inline" ? 1000 : 2_000_000;
const device = createWasmBackend({ threads: mode === "one lane" ? 1 : 3 });

if (mode !== "idle") {
  const buffers = [device.alloc(n * 4), device.alloc(n * 4)];
  device.upload(buffers[0], new Float32Array(n));
  const steps = [expStep(n, 0, 1), expStep(n, 1, 0), expStep(n, 0, 1)];
  const program = device.compile({ steps, buffers: 2, slots: 1 });
  const run = () => device.run(program, { buffers, slots: [1] });
  const first = (): number => {
    const bytes = new Uint8Array(4);
    device.readSync(buffers[1], bytes);
    return new Float32Array(bytes.buffer)[0];
  };
  const ticket = run();
  if (mode === "helped" || mode === "inline") {
    ticket.help();
    console.log(first().toFixed(4));
  } else if (mode === "awaited" || mode === "one lane") {
    await ticket.wait();
    console.log(first().toFixed(4));
  } else if (mode === "promised") {
    // Nobody awaits the promise, yet it was handed out: the process stays until it is settled.
    void ticket.wait().then(() => console.log(first().toFixed(4)));
  } else if (mode === "closed") {
    ticket.help();
    await device.close();
    console.log("closed");
  } else if (mode === "exit") {
    await ticket.wait();
    run();
    process.exit(7);
  }
}
