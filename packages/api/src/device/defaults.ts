// The public functions of default devices, declared: what devices.ts does, with arguments that are checked. They stand here
// because declarations need arrays, and arrays need devices.
import type { Backend } from "@weft/ir";
import { define, defineAs } from "../core/define.ts";
import { anything, device } from "../core/kinds.ts";
import * as owner from "./devices.ts";

/**
 * The names of the devices there are; of a name that device alone.
 * @throws DeviceError for a device that is not there
 * @example devices(); // ["wasm", "webgpu"]
 */
export const devices = define("devices", [device("backend", null)], (backend) =>
  backend === null ? owner.devices() : [owner.deviceNamed("devices", backend).id],
);

/**
 * Without an argument the default device's name; with one it makes that device the default, for arrays made from now
 * on. Arrays stay where they are; devicePut moves them. Under "auto" the scheduler places the parts of each evaluation
 * on the devices that `init` opened, and operands that lie on different ones are brought together.
 * @throws DeviceError for a device that is not there
 * @example await init({ devices: ["webgpu"] }); defaultDevice("auto");
 */
export const defaultDevice = define("defaultDevice", [device("name", null)], (name) =>
  owner.defaultDevice(name ?? undefined),
);

/**
 * Makes another backend the default and returns the one before: for tests of backends. With a GPU the two stand for the
 * devices "wasm" and "webgpu". Arrays do not move.
 */
export const useBackend = defineAs<(next: Backend | null, gpu?: Backend | null) => Backend | null>()(
  "useBackend",
  [anything<Backend | null>(true)("next"), anything<Backend | null>(true)("gpu", null)],
  owner.useBackend,
);
