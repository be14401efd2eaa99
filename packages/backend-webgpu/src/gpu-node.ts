/// <reference types="node" />
// Where WebGPU comes from in Node: Dawn through the optional package "webgpu", loaded at first use. The object that
// keeps Dawn alive is shared by all devices of the process and let go when the last one closes.
import { totalmem } from "node:os";
import { versions } from "node:process";

import type { GpuSource } from "./gpu-browser.ts";

export type { GpuSource } from "./gpu-browser.ts";

/** Bytes of the host's memory. */
export const hostBytes: number | null = totalmem();

let shared: GPU | null = null;
let users = 0;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Loads Dawn. */
export async function openGpu(): Promise<GpuSource> {
  if (Number.parseInt(versions.node, 10) < 22) {
    return { missing: `Node ${versions.node} is too old for the package webgpu; Node 22 or newer runs it` };
  }
  try {
    const { create } = await import("webgpu");
    shared ??= create([]);
  } catch (error) {
    return { missing: `the package webgpu does not load (npm install webgpu): ${messageOf(error)}` };
  }
  const gpu = shared;
  let released = false;
  users++;
  return {
    gpu,
    release: () => {
      if (released) return;
      released = true;
      if (--users === 0) shared = null;
    },
  };
}
