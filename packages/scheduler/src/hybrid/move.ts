// Moving one array to another device: a plan of one transfer.
import type { Backend, Value } from "@weft/ir";
import { DTypeError, formatAval, placeholder } from "@weft/ir";
import { deviceFor } from "../device.ts";
import { storageOf } from "../lower/items.ts";
import { HybridExecutable } from "./executable.ts";
import { hybrid } from "./loading.ts";

/** Throws DTypeError if arrays like this cannot lie on a device. */
export function expectServed(op: string, of: Value["aval"], device: Backend): void {
  if (device.serves(storageOf(of))) return;
  throw new DTypeError(
    `${op}: ${formatAval(of)} cannot lie on ${device.id}, which has no ${of.dtype}; convert it with astype, or use device "auto", which leaves it where it can be computed`,
  );
}

/**
 * The value on another device; itself if it lies there. Returns at once: the ticket of what is returned says when it has
 * arrived. Throws DTypeError where the device has no such arrays, OutOfMemoryError and DisposedError.
 * @example const there = moveValue("devicePut", value, webgpu);
 */
export function moveValue(op: string, value: Value, to: Backend): Value {
  if (value.backend === to) return value;
  const { aval, bytes } = value;
  expectServed(op, aval, to);
  const plan = new HybridExecutable(
    [deviceFor(value.backend), deviceFor(to)],
    1,
    [
      { device: 0, bytes },
      { device: 1, bytes },
    ],
    [{ kind: "send", from: 0, to: 1 }],
    [{ node: placeholder(aval, "0", null), slot: 1, bytes }],
    [],
  );
  return hybrid().runHybrid(plan, [value], []).outputs[0];
}
