// Calibration on the real WASM device: every exercise compiles and runs there, what is found can be kept and read again,
// and nothing is left behind. How fast the device is, is not for a test to say.
import { expect, test } from "vitest";
import { createWasmBackend } from "@weft/backend-wasm";
import { calibrate, parseProfile } from "@weft/scheduler";

test.for([1, 2])("the WASM device on %i threads is measured", async (threads) => {
  const device = createWasmBackend({ threads });
  const host = {
    now: () => performance.now(),
    pause: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
  };
  const { profile } = await calibrate(device, host);
  expect(parseProfile(JSON.stringify(profile), device)).toEqual(profile);
  expect(device.memory().live).toBe(0);
  const { programsLive, lanes, lanesReady } = device.counters();
  expect([programsLive, lanes, lanesReady]).toEqual([0, threads, threads]);
  await device.close();
});
