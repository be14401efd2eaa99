// Simulated devices: times that follow from the profile, overlap on a shared clock, scripted faults, and the contract
// they hold others to. Everything is driven through the scheduler's own evaluation where that is possible.
import { describe, expect, test } from "vitest";
import type { Aval, Backend, Node } from "@weft/ir";
import { aval, DeviceError, InternalError, leaf, OutOfMemoryError, own, placeholder, SyncReadError } from "@weft/ir";
import { readValue, readValueSync, uploadValue } from "../data.ts";
import { evaluate } from "../evaluate.ts";
import type { DeviceProfile } from "../profile.ts";
import { shippedProfile } from "../profile.ts";
import { stats } from "../stats.ts";
import { lowered } from "../testing/lowering.ts";
import { f32, matmul, op, sum } from "../testing/operations.ts";
import { SimBackend } from "./backend.ts";
import type { SimOptions } from "./backend.ts";
import { overlap, VirtualClock } from "./clock.ts";
import { stepNanoseconds } from "./duration.ts";

/** One nanosecond a byte of transfers, none an operation, and fixed costs that tell each other apart. */
const plain = (id: string, kind: "cpu" | "gpu" = "cpu"): DeviceProfile => ({
  ...shippedProfile({ id, fingerprint: `${id} of tests`, kind }),
  launchNs: 1000,
  submitNs: 20_000,
  readNs: 300_000,
  upGBs: 1,
  downGBs: 1,
  streamGBs: Infinity,
  compileNs: 0,
  rate: { light: Infinity, heavy: Infinity, gemm: 1, gather: 1, scatter: 1 },
});

function device(options: Partial<SimOptions> = {}): SimBackend {
  return new SimBackend({ profile: plain("sim"), clock: new VirtualClock(), ...options });
}

function array(backend: Backend, data: readonly number[], of: Aval = f32(data.length)): Node {
  const node = leaf(of, uploadValue(backend, of, Float32Array.from(data)));
  own(node);
  return node;
}

async function read(node: Node): Promise<number[]> {
  const into = new Float32Array(node.aval.size);
  if (node.value === null) throw new Error("no value");
  await readValue(node.value, new Uint8Array(into.buffer));
  return [...into];
}

describe("time", () => {
  test("a run takes what its profile says, after its inputs have arrived", async () => {
    const sim = device();
    const x = array(sim, [1, 2, 3, 4]);
    const y = op("add", x, x);
    const ticket = evaluate([y], sim);
    // 16 bytes up, a submission, a launch
    expect(ticket?.state).toBe("queued");
    await ticket?.wait();
    expect(ticket?.state).toBe("done");
    expect(sim.clock.nanoseconds).toBe(16 + 20_000 + 1000);
    expect(await read(y)).toEqual([2, 4, 6, 8]);
    expect(sim.clock.nanoseconds).toBe(21_016 + 300_000 + 16);
    expect(sim.clock.log.map(({ lane, from, to }) => [lane, Math.round(from * 1e6), Math.round(to * 1e6)])).toEqual([
      ["sim transfer up", 0, 16],
      ["sim queue", 20_016, 21_016],
      ["sim transfer down", 21_016, 321_032],
    ]);
  });

  test("a step takes a launch, and the longer of its work and its bytes", () => {
    const profile: DeviceProfile = {
      ...plain("sim"),
      streamGBs: 2,
      rate: { light: 4, heavy: 1, gemm: 8, gather: 0.5, scatter: 1 },
    };
    const nanoseconds = (node: Node, ...inputs: Node[]): number[] => {
      const { steps } = lowered(inputs, [node]).plan.segment;
      return steps.map((step) => stepNanoseconds(step, profile) - profile.launchNs);
    };
    const x = placeholder(f32(64, 64), "x", null);
    const y = placeholder(f32(64, 64), "y", null);
    const bytes = 64 * 64 * 4;
    // bound by memory: two arrays read, one written
    expect(nanoseconds(op("add", x, y), x, y)).toEqual([(3 * bytes) / 2]);
    // bound by work: at least 16 units an element at 1 a nanosecond
    expect(nanoseconds(op("exp", x), x)[0]).toBeGreaterThanOrEqual(16 * 64 * 64);
    // a sum reads everything once
    expect(nanoseconds(sum(x), x)[0]).toBeCloseTo((bytes + 4) / 2, -2);
    // two operations a term
    expect(nanoseconds(matmul(x, y), x, y)).toEqual([Math.max((2 * 64 ** 3) / 8, (3 * bytes) / 2)]);
    const step = { kind: "copy", from: { buffer: 0, offset: 0 }, to: { buffer: 1, offset: 0 }, bytes: 100 } as const;
    expect(stepNanoseconds(step, profile)).toBe(1000 + 100);
  });

  test("where callers may block, helping moves the clock; elsewhere it is an error", () => {
    const sim = device();
    const y = op("neg", array(sim, [1, 2]));
    evaluate([y], sim)?.help();
    const into = new Float32Array(2);
    if (y.value !== null) readValueSync(y.value, new Uint8Array(into.buffer));
    expect([...into]).toEqual([-1, -2]);
    expect(sim.clock.nanoseconds).toBe(8 + 21_000 + 300_000 + 8);

    const gpu = device({ canBlock: false });
    const z = op("neg", array(gpu, [1]));
    const ticket = evaluate([z], gpu);
    expect(() => ticket?.help()).toThrow(SyncReadError);
    expect(() => ticket?.help()).toThrow("sim: a run cannot be waited for synchronously");
    expect(() => z.value !== null && gpu.readSync(z.value.buffer, new Uint8Array(4))).toThrow("await x.data()");
  });

  test("a kernel has to become code first, once", async () => {
    const sim = device({ profile: { ...plain("sim"), compileNs: 1e6 } });
    const x = array(sim, [1, 2]);
    await evaluate([op("neg", x)], sim)?.wait();
    expect(sim.clock.nanoseconds).toBe(1e6 + 21_000);
    // the same kernel under another plan
    await evaluate([op("neg", array(sim, [1, 2, 3]))], sim)?.wait();
    expect(sim.clock.nanoseconds).toBe(1e6 + 42_000 + 12);
  });

  test("two devices on one clock work at the same time, and chains of waits go on at the right moments", async () => {
    const clock = new VirtualClock();
    const one = new SimBackend({ profile: plain("one"), clock });
    const two = new SimBackend({ profile: { ...plain("two"), launchNs: 2000 }, clock, canBlock: false });
    const x = array(one, [1]);
    const y = array(two, [1]);
    /** Three runs, each asked for when the one before is done. */
    const chain = async (backend: SimBackend, from: Node): Promise<Node> => {
      let last = from;
      for (let i = 0; i < 3; i++) await evaluate([(last = op("add", last, from))], backend)?.wait();
      return last;
    };
    const [a, b] = await Promise.all([chain(one, x), chain(two, y)]);
    // the shorter chain was not held up by the longer one
    const ends = clock.log.filter(({ lane }) => lane === "one queue").map(({ to }) => Math.round(to * 1e6));
    expect(ends).toEqual([21_004, 42_004, 63_004]);
    expect(clock.nanoseconds).toBe(4 + 3 * 22_000);
    expect(overlap(clock.log, "one", "two")).toBeCloseTo(0.001, 9);
    expect([await read(a), await read(b)]).toEqual([[4], [4]]);
  });

  test("the same program gives the same log", async () => {
    const logOf = async (): Promise<readonly unknown[]> => {
      const sim = device({ canBlock: false });
      const x = array(sim, [3, 1, 2]);
      const y = op("exp", x);
      const z = op("mul", y, op("sin", x));
      await Promise.all([evaluate([y], sim)?.wait(), evaluate([z], sim)?.wait()]);
      await read(sum(x).value === null ? z : y);
      return sim.clock.log;
    };
    expect(await logOf()).toEqual(await logOf());
  });

  test("a clock that nothing can move says so", async () => {
    const clock = new VirtualClock();
    expect(() => clock.runUntil(() => false)).toThrow(InternalError);
    await expect(clock.waitUntil(() => false)).rejects.toThrow("nothing will bring about");
    clock.pass(5);
    expect(clock.now()).toBe(5);
  });
});

describe("limits", () => {
  test("what a device serves and how much it holds", () => {
    const sim = device({
      serves: ["f32", "i32"],
      templates: ["gemm"],
      limits: { bufferBytes: 64, totalBytes: 100, kernelBuffers: 4 },
    });
    expect([
      sim.serves("f32"),
      sim.serves("f64"),
      sim.supports("gemm", "f32"),
      sim.supports("gemm", "f64"),
      sim.supports("transpose", "f32"),
    ]).toEqual([true, false, true, false, false]);
    expect(sim.limits).toEqual({ bufferBytes: 64, totalBytes: 100, kernelBuffers: 4 });
    sim.alloc(64);
    expect(() => sim.alloc(40)).toThrow("sim: 40 bytes asked for; a buffer has at most 64, and 64 of 100 are in use");
    expect(() => sim.alloc(65)).toThrow(OutOfMemoryError);
    expect(sim.memory()).toEqual({ live: 64, cached: 0, reserved: 64 });
  });

  test("the contract is checked", async () => {
    const sim = device();
    const x = placeholder(f32(2), "x", null);
    const { segment } = lowered([x], [op("neg", x)]).plan;
    const [from, to] = [sim.alloc(8), sim.alloc(8)];
    sim.upload(from, Float32Array.of(1, 2));
    const ticket = sim.run(sim.compile(segment), { buffers: [from, to], slots: [] });
    expect(() => sim.upload(from, new Float32Array(2))).toThrow(
      "sim: upload into a buffer that run 1 names and that has not finished",
    );
    await expect(sim.read(to, new Uint8Array(8))).rejects.toThrow(
      "sim: a buffer is read before run 1, which writes it, is done",
    );
    expect(() => sim.free(from, 0)).toThrow("sim: a buffer is freed after run 0, and run 1 names it");
    sim.free(from, 1);
    expect(() => sim.free(from, 1)).toThrow("sim: free of a buffer that was freed, or of another device");
    expect(() => device().free(to, 1)).toThrow(InternalError);
    expect(() => sim.run(sim.compile(segment), { buffers: [to], slots: [] })).toThrow("1 buffers given, 2 expected");
    expect(sim.memory()).toEqual({ live: 8, cached: 8, reserved: 16 });
    await ticket.wait();
    // its inputs were needed to the end
    const into = new Float32Array(2);
    await sim.read(to, new Uint8Array(into.buffer));
    expect([...into]).toEqual([-1, -2]);
    expect(sim.memory()).toEqual({ live: 8, cached: 0, reserved: 8 });
  });

  test("a closed device fails what runs and refuses the rest", async () => {
    const sim = device();
    const ticket = evaluate([op("neg", array(sim, [1]))], sim);
    await sim.close();
    expect(ticket?.state).toBe("failed");
    await expect(ticket?.wait()).rejects.toThrow("sim: the device is closed");
    expect(() => sim.alloc(4)).toThrow(DeviceError);
  });
});

describe("faults", () => {
  test("a run that traps poisons its readers, and nobody else", async () => {
    const sim = device({ faults: [{ at: 2, fault: "trap" }] });
    const x = array(sim, [1, 2]);
    const good = op("neg", x);
    const bad = op("sin", x);
    evaluate([good], sim);
    evaluate([bad], sim);
    const reader = op("mul", bad, x);
    evaluate([reader], sim);
    await expect(read(bad)).rejects.toThrow("sim: run 2 trapped (scripted)");
    await expect(read(reader)).rejects.toThrow("run 2 trapped");
    // asked for after the failure is known
    const late = op("add", bad, x);
    evaluate([late], sim);
    await expect(read(late)).rejects.toThrow("run 2 trapped");
    expect(await read(good)).toEqual([-1, -2]);
    const after = op("cos", good);
    evaluate([after], sim);
    expect((await read(after))[0]).toBeCloseTo(Math.cos(1), 6);
  });

  test("a lost device rejects what runs and what lay there, and then works again", async () => {
    const sim = device({ faults: [{ at: 1, fault: "lost" }] });
    const x = array(sim, [1, 2]);
    const y = op("neg", x);
    const first = evaluate([y], sim);
    const second = evaluate([op("sin", x)], sim);
    await expect(first?.wait()).rejects.toThrow("sim: the device was lost during run 1 (scripted)");
    await expect(second?.wait()).rejects.toThrow(DeviceError);
    // in the middle of the run
    expect(sim.clock.nanoseconds).toBe(8 + 10_500);
    await expect(read(x)).rejects.toThrow("the device was lost and with it this array");
    const reader = op("cos", x);
    evaluate([reader], sim);
    await expect(read(reader)).rejects.toThrow("the device was lost");
    const again = op("neg", array(sim, [5]));
    evaluate([again], sim);
    expect(await read(again)).toEqual([-5]);
    expect(sim.counters().losses).toBe(1);
  });

  test("a device that is lost for good stays lost", async () => {
    const sim = device({ faults: [{ at: 1, fault: "lost", forGood: true }] });
    const y = op("neg", array(sim, [1, 2]));
    await expect(evaluate([y], sim)?.wait()).rejects.toThrow(DeviceError);
    expect(() => array(sim, [1])).toThrow("the device was lost during run 1");
  });

  test("an allocation that fails leaves nothing changed, and may be asked for again", async () => {
    // the first failure makes the scheduler try once more; the second reaches the caller
    const sim = device({
      faults: [
        { at: 1, fault: "oom" },
        { at: 1, fault: "oom" },
      ],
    });
    const data = Float32Array.of(1, 2);
    expect(() => uploadValue(sim, f32(2), data)).toThrow(OutOfMemoryError);
    expect([sim.memory().live, stats(sim).liveBuffers, sim.clock.nanoseconds]).toEqual([0, 0, 0]);
    const node = leaf(f32(2), uploadValue(sim, f32(2), data));
    const y = op("neg", node);
    evaluate([y], sim);
    expect(await read(y)).toEqual([-1, -2]);
  });

  test("memory that is found missing during a run fails that run alone", async () => {
    const sim = device({ canBlock: false, faults: [{ at: 1, fault: "oom", late: true }] });
    const x = array(sim, [1, 2]);
    const y = op("neg", x);
    const ticket = evaluate([y], sim);
    await expect(ticket?.wait()).rejects.toThrow(OutOfMemoryError);
    expect(ticket?.error?.message).toBe("sim: no memory for run 1 (scripted)");
    expect(await read(x)).toEqual([1, 2]);
  });

  test("a slow run takes longer and gives the same", async () => {
    const sim = device({ faults: [{ at: 1, fault: "slow" }] });
    const y = op("neg", array(sim, [1, 2], aval("float32", [2])));
    evaluate([y], sim);
    expect(await read(y)).toEqual([-1, -2]);
    expect(sim.clock.log.find(({ lane }) => lane === "sim queue")?.to).toBeCloseTo((8 + 50 * 21_000) / 1e6, 9);
  });

  test("a tracer hears what the log says, and nothing once it is off", async () => {
    const sim = device();
    const heard: unknown[] = [];
    sim.trace({ span: (lane, name, from, to) => heard.push([lane, name, from, to]) });
    const x = array(sim, [1, 2]);
    evaluate([op("neg", x)], sim)?.help();
    const before = sim.clock.log.map(({ lane, name, from, to }) => [lane, name, from, to]);
    expect(heard).toEqual(before);
    expect(heard).toHaveLength(2);
    sim.trace(null);
    evaluate([op("sin", x)], sim)?.help();
    expect(sim.clock.log).toHaveLength(3);
    expect(heard).toHaveLength(2);
  });
});
