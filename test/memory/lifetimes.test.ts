// Lifetimes of storage with a real collector: what is unreachable is freed, what the collector has seen is in no plan
// key, cached results hold no arrays alive, and disposal leaves nothing behind.
import { vjpNodes } from "@weft/autodiff";
import type { Backend, Node } from "@weft/ir";
import { aval, disown, leaf, literal, NO_PARAMS, own, record, scalar, withScope } from "@weft/ir";
import { createInterpreter, evaluate, evictCached, liveArrays, stats, uploadValue } from "@weft/scheduler";
import { expect, test } from "vitest";
import { collect, collectUntil } from "../support/collect.ts";

const f32 = (...shape: number[]) => aval("float32", shape);
const array = (backend: Backend, size: number): Node => {
  const node = leaf(f32(size), uploadValue(backend, f32(size), new Float32Array(size).fill(1)));
  own(node);
  return node;
};
const sin = (x: Node): Node => record("sin", NO_PARAMS, [x]);
const times = (x: Node, by: number): Node => record("mul", NO_PARAMS, [x, scalar(f32(), by)]);
const sum = (x: Node): Node => record("reduceSum", { axes: [0] }, [x]);

test("arrays that nobody can reach are freed", async () => {
  const backend = createInterpreter();
  const kept = array(backend, 1000);
  for (let i = 0; i < 50; i++) {
    const y = sin(times(kept, i));
    own(y);
    evaluate([y], backend);
  }
  expect(liveArrays(backend).length).toBe(51);
  await collectUntil(() => liveArrays(backend).length <= 2);
  // the last one may still lie on the stack
  expect(liveArrays(backend).length).toBeLessThanOrEqual(2);
  expect(kept.value?.released).toBe(false);
});

test("a cached result holds nothing alive: neither the arrays it was computed from, nor its own when its handle is gone", async () => {
  const backend = createInterpreter();
  for (let i = 0; i < 10; i++) {
    const x = array(backend, 10_000);
    const shaped = (shape: number[]): Node => record("reshape", { shape }, [x]);
    const operands = [shaped([2, 5000]), shaped([5000, 2])];
    const product = record("dotGeneral", { contract: [[1], [0]], batch: [[], []] }, operands);
    own(product);
    const y = sin(product);
    own(y);
    evaluate([y], backend);
  }
  expect(stats(backend).cachedResults).toBe(10);
  await collectUntil(() => stats(backend).liveBytes < 50_000);
  expect(stats(backend).liveBytes).toBeLessThan(50_000);
  // the last one may still lie on the stack
  expect(stats(backend).cachedResults).toBeLessThanOrEqual(1);
});

test("plans do not depend on the collector", async () => {
  const run = async (gc: boolean): Promise<number> => {
    const backend = createInterpreter();
    let x = array(backend, 3);
    for (let i = 0; i < 12; i++) {
      const unread = sin(x);
      own(unread);
      x = times(unread, 0.5);
      own(x);
      evaluate([sum(x)], backend);
      if (gc) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    return stats(backend).plans;
  };
  expect(await run(true)).toBe(await run(false));
});

test("a loop that disposes everything it makes leaves nothing, without the collector", () => {
  const backend = createInterpreter();
  const start = array(backend, 100);
  let x = start;
  for (let i = 0; i < 20; i++) {
    const scaled = times(x, 0.5);
    own(scaled);
    const next = sin(scaled);
    own(next);
    const total = sum(next);
    own(total);
    evaluate([next, total], backend);
    disown(scaled);
    disown(total);
    disown(x);
    x = next;
  }
  expect(liveArrays(backend).length).toBe(1);
  disown(x);
  expect(liveArrays(backend)).toEqual([]);
  expect(backend.memory().live).toBe(0);
});

test("gradients leave nothing but themselves, without the collector", () => {
  const backend = createInterpreter();
  const x = array(backend, 100);
  const handles: Node[] = [];
  const handle = (node: Node): Node => {
    own(node);
    handles.push(node);
    return node;
  };
  const gradient = withScope("diff", "grad(f)", false, (scope) => {
    const marked = handle(record("marker", NO_PARAMS, [x]));
    const y = handle(sum(handle(sin(handle(times(handle(sin(marked)), 3))))));
    return vjpNodes([y], [marked], [literal(f32(), 1)], scope.startId)[0] as Node;
  });
  own(gradient);
  evaluate([gradient], backend);
  disown(x);
  for (const node of handles) disown(node);
  evictCached(backend);
  expect(liveArrays(backend).length).toBe(1);
  disown(gradient);
  expect(liveArrays(backend)).toEqual([]);
});

test("a chain of 100,000 operations runs as kernels", () => {
  const backend = createInterpreter();
  let x = array(backend, 2);
  const step = array(backend, 2);
  for (let i = 0; i < 100_000; i++) x = record("add", NO_PARAMS, [x, step]);
  evaluate([x], backend);
  expect(x.value).not.toBeNull();
});
