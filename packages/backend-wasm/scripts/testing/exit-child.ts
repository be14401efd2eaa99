// A process that uses the device in the way its argument names and then has nothing left to do: the test sees whether
// it exits by itself. Prints what it did.
import { setTimeout as sleep } from "node:timers/promises";

import { WasmBackend } from "../../src/backend.ts";
import { createCompiler } from "../../src/compiler.ts";
import { expStep } from "./scaling.ts";

const mode = process.argv[2];
const n = mode === "inline" ? 1000 : 2_000_000;
const device = new WasmBackend(createCompiler, { threads: mode === "one lane" ? 1 : 3 }, { log: () => undefined });

/** Waits until every worker has gone back to its event loop. */
async function untilParked(): Promise<void> {
  for (let turn = 0; turn < 500 && device.counters().lanesParked < 2; turn++) await sleep(10);
}

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
  } else if (mode === "parked") {
    await ticket.wait();
    await untilParked();
    await run().wait();
    await untilParked();
    console.log(`${device.counters().lanesParked} parked`);
  } else if (mode === "quiet") {
    ticket.help();
    await untilParked();
    const before = process.cpuUsage();
    await sleep(1000);
    const { user, system } = process.cpuUsage(before);
    const used = user + system;
    // All threads together, of one second.
    console.log(used < 100_000 ? "quiet" : `${used} µs`);
  } else if (mode === "died") {
    await ticket.wait();
    await untilParked();
    device.upload(buffers[0], new Float32Array(n));
    const again = run();
    device.pool.supervision.kill(1);
    device.pool.supervision.kill(2);
    await again.wait();
    console.log(first().toFixed(4));
  } else if (mode === "died unawaited") {
    await ticket.wait();
    await untilParked();
    run();
    device.pool.supervision.kill(1);
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
