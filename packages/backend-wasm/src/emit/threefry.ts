// threefry2x32 over i32x4: twenty rounds of add, rotate, xor with the key injected every four (Salmon et al. 2011,
// "Parallel random numbers: as easy as 1, 2, 3"). The key schedule is computed once where the key is uniform.
import type { NodeId } from "@weft/ir";
import type { Emitter } from "./emitter.ts";
import { SIMD, V128 } from "./opcodes.ts";
import type { Copies, Scope, Value } from "./scope.ts";
import { copyOf } from "./scope.ts";
import type { Writer } from "./writer.ts";

const PARITY = 0x1bd11bda;
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];
/** Byte orders that rotate each 32-bit lane left by 16 and by 24 bits. */
const ROTATE_BYTES: Readonly<Record<number, readonly number[]>> = {
  16: [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13],
  24: [1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12],
};

function pushRotated(code: Writer, local: number, bits: number): void {
  code.get(local);
  const bytes = ROTATE_BYTES[bits];
  if (bytes !== undefined) {
    code.get(local);
    code.shuffle(bytes);
    return;
  }
  code.i32(bits);
  code.simd(SIMD.i32x4Shl);
  code.get(local);
  code.i32(32 - bits);
  code.simd(SIMD.i32x4ShrU);
  code.simd(SIMD.or);
}

/** The vectors added to (x0, x1) before round 0 and after each four rounds. */
function keySchedule(e: Emitter, scope: Scope, k0: number, k1: number): [number, number][] {
  const { code } = scope;
  const k2 = scope.alloc(V128);
  code.get(k0);
  code.get(k1);
  code.simd(SIMD.xor);
  code.get(e.splatI32(PARITY));
  code.simd(SIMD.xor);
  code.set(k2);
  const keys = [k0, k1, k2];
  const schedule: [number, number][] = [[k0, k1]];
  for (let injection = 1; injection <= 5; injection++) {
    const sum = scope.alloc(V128);
    code.get(keys[(injection + 1) % 3]);
    code.get(e.splatI32(injection));
    code.simd(SIMD.i32x4Add);
    code.set(sum);
    schedule.push([keys[injection % 3], sum]);
  }
  return schedule;
}

/** Each value has two locals: the results of parts 0 and 1. */
export function emitThreefry(
  e: Emitter,
  scope: Scope,
  ids: readonly NodeId[],
  args: readonly Copies[],
  copies: number,
): Copies {
  const { code } = scope;
  const keyDepth = Math.max(e.phase.depth[ids[0]], e.phase.depth[ids[1]]);
  const keyCopies = Math.max(args[0].length, args[1].length);
  const schedules = Array.from({ length: keyCopies }, (_, copy) =>
    keySchedule(e, e.scopes[keyDepth], copyOf(args[0], copy)[0], copyOf(args[1], copy)[0]),
  );
  const scheduleOf = (copy: number): [number, number][] => schedules[keyCopies === 1 ? 0 : copy];
  const states = Array.from({ length: copies }, (): [number, number] => [scope.alloc(V128), scope.alloc(V128)]);
  const inject = (injection: number): void =>
    states.forEach((state, copy) =>
      state.forEach((word, i) => {
        code.get(injection === 0 ? copyOf(args[2 + i], copy)[0] : word);
        code.get(scheduleOf(copy)[injection][i]);
        code.simd(SIMD.i32x4Add);
        code.set(word);
      }),
    );
  inject(0);
  for (let round = 0; round < 20; round++) {
    const bits = ROTATIONS[(round >> 2) & 1][round & 3];
    for (const [x0, x1] of states) {
      code.get(x0);
      code.get(x1);
      code.simd(SIMD.i32x4Add);
      code.set(x0);
    }
    for (const [x0, x1] of states) {
      pushRotated(code, x1, bits);
      code.get(x0);
      code.simd(SIMD.xor);
      code.set(x1);
    }
    if ((round & 3) === 3) inject((round >> 2) + 1);
  }
  return states satisfies readonly Value[];
}
