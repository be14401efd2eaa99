// Pressure pulses on a device whose memory falls when the test says so: how long they insist, when the host's own
// collection is asked for, and that they do not repeat what gave nothing.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Backend } from "@weft/ir";
import { createInterpreter, onShortage } from "@weft/scheduler";
import { relieve, relieveNow } from "./pressure.ts";

const MIB = 2 ** 20;

/** A device with so much live memory; `asked` counts how often it was asked. */
class Scripted {
  live: number;
  asked = 0;
  /** Called whenever the device is asked: a collector that frees in its own time. */
  onAsk: () => void = () => undefined;
  readonly backend: Backend;

  constructor(live: number) {
    this.live = live;
    this.backend = {
      ...createInterpreter(),
      memory: () => {
        this.asked++;
        this.onAsk();
        return { live: this.live, cached: 0, reserved: this.live };
      },
    };
  }
}

let collections = 0;
beforeEach(() => {
  collections = 0;
  onShortage(() => void collections++);
});
afterEach(() => {
  onShortage(null);
});

describe("pulses", () => {
  test("nothing happens before enough was allocated", async () => {
    const device = new Scripted(255 * MIB);
    await relieve(device.backend);
    expect([device.asked, collections]).toEqual([1, 0]);
  });

  test("they go on until half of what came is gone, and need no collection then", async () => {
    const device = new Scripted(300 * MIB);
    device.onAsk = () => {
      if (device.asked > 5) device.live = 100 * MIB;
    };
    await relieve(device.backend);
    expect(device.live).toBe(100 * MIB);
    expect(device.asked).toBeLessThan(10);
    expect(collections).toBe(0);
  });

  test("giving a little back is not enough: the host collects", async () => {
    const device = new Scripted(300 * MIB);
    device.onAsk = () => {
      if (device.asked > 3) device.live = 290 * MIB;
    };
    await relieve(device.backend);
    expect(collections).toBe(1);
  });

  test("what is really in use is not collected at every pulse", async () => {
    const device = new Scripted(0);
    for (let i = 1; i <= 64; i++) {
      device.live = i * 256 * MIB;
      await relieve(device.backend);
    }
    // by half of what lies there, from 256 MiB to 16 GiB
    expect(collections).toBeGreaterThan(5);
    expect(collections).toBeLessThan(14);
    // and once something is given back, pulses insist again
    device.live = 0;
    await relieve(device.backend);
    device.live = 300 * MIB;
    const before = collections;
    await relieve(device.backend);
    expect(collections).toBe(before + 1);
  });

  test("those who wait at the same time share one", async () => {
    const device = new Scripted(300 * MIB);
    await Promise.all(Array.from({ length: 20 }, () => relieve(device.backend)));
    expect(collections).toBe(1);
  });

  test("a full device is worked on whatever was found before", async () => {
    const device = new Scripted(300 * MIB);
    await relieveNow(device.backend);
    await relieveNow(device.backend);
    expect(collections).toBe(2);
  });
});
