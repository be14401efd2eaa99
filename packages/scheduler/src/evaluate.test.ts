// Evaluation on a simulated device: plans made, what is stored and dropped, errors, lifetimes.
import type { Node } from "@weft/ir";
import {
  aval,
  ConcretizationError,
  DeviceError,
  disown,
  DisposedError,
  literal,
  NO_PARAMS,
  OutOfMemoryError,
  own,
  placeholder,
  proj,
  record,
  traceGraph,
  withScope,
} from "@weft/ir";
import { expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import { MAX_CACHED } from "./limits.ts";
import { createBench, f32, matmul, number, op, sliceAt, sum } from "./testing/operations.ts";

test("a small graph gives its values and its inputs are dropped", () => {
  const { array, read } = createBench();
  const x = array([1, 2, 3]);
  const y = op("add", op("mul", x, x), number(1));
  expect(read(y)).toEqual([2, 5, 10]);
  expect(y.operands).toEqual([]);
});

test("300 turns of x = sin(x)·c with a read take 2 plans and bounded work", () => {
  const bench = createBench();
  const c = bench.array([0.9, 1.1]);
  let x = bench.array([0.5, 0.25]);
  let expected = [0.5, 0.25];
  for (let i = 0; i < 300; i++) {
    x = op("mul", op("sin", x), c);
    expected = expected.map((value, at) => Math.sin(value) * [0.9, 1.1][at]);
    expect(bench.read(sum(x))[0]).toBeCloseTo(expected[0] + expected[1], 5);
  }
  expect(bench.plans).toBe(2);
  expect(bench.device.counters.steps).toBeLessThan(6 * 300);
});

test("an Adam-like loop that reads its loss takes at most 4 plans", () => {
  const bench = createBench();
  const target = bench.array([3, -2]);
  let w = bench.array([0, 0]);
  let m = bench.array([0, 0]);
  let v = bench.array([0, 0]);
  let loss = Infinity;
  for (let i = 0; i < 60; i++) {
    const error = op("sub", w, target);
    loss = bench.read(sum(op("mul", error, error)))[0];
    const gradient = op("mul", error, number(2));
    m = op("add", op("mul", m, number(0.9)), op("mul", gradient, number(0.1)));
    v = op("add", op("mul", v, number(0.99)), op("mul", op("mul", gradient, gradient), number(0.01)));
    const scaled = op(
      "div",
      op("mul", m, number(1 / (1 - 0.9 ** (i + 1)))),
      op("add", op("sqrt", op("mul", v, number(1 / (1 - 0.99 ** (i + 1))))), number(1e-8)),
    );
    w = op("sub", w, op("mul", scaled, number(0.1)));
  }
  expect(loss).toBeLessThan(2);
  expect(bench.plans).toBeLessThanOrEqual(4);
});

test("x + x and x + y have their own plans and values", () => {
  const { array, read, device } = createBench();
  const x = array([1, 2]);
  const y = array([10, 20]);
  expect(read(op("add", x, x))).toEqual([2, 4]);
  expect(read(op("add", x, y))).toEqual([11, 22]);
  expect(read(op("add", y, x))).toEqual([11, 22]);
  expect(device.counters.plans).toBe(2);
});

test("slices in a loop have one plan, and so has a power with the loop's number", () => {
  const bench = createBench();
  const x = bench.array([1, 2, 3, 4, 5, 6, 7, 8]);
  for (let i = 0; i < 4; i++) expect(bench.read(op("neg", sliceAt(x, 2 * i, 2)))).toEqual([-(2 * i + 1), -(2 * i + 2)]);
  expect(bench.plans).toBe(1);
  for (let i = 0; i < 4; i++) expect(bench.read(op("pow", x, number(i)))[2]).toBe(3 ** i);
  expect(bench.plans).toBe(2);
});

test("literals are in the key, and equal slots are not merged", () => {
  const bench = createBench();
  const x = bench.array([1]);
  const times = (value: number): Node => op("mul", x, literal(aval("float32", []), value));
  expect(bench.read(times(3))).toEqual([3]);
  expect(bench.read(times(4))).toEqual([4]);
  expect(bench.plans).toBe(2);
  expect(bench.read(times(-0))[0]).toBe(-0);
  expect(bench.read(times(0))[0]).toBe(0);
  expect(bench.plans).toBe(4);
  const sumOf = (a: number, b: number): Node => op("add", op("mul", x, number(a)), op("mul", x, number(b)));
  expect(bench.read(sumOf(2, 2))).toEqual([4]);
  expect(bench.read(sumOf(2, 5))).toEqual([7]);
  expect(bench.plans).toBe(5);
});

test("markers do not change the key", () => {
  const bench = createBench();
  const x = bench.array([2]);
  const plain = (y: Node): Node => op("mul", op("sin", y), y);
  bench.read(plain(x));
  bench.read(plain(record("marker", NO_PARAMS, [x])));
  bench.read(plain(record("stopGradient", NO_PARAMS, [x])));
  expect(bench.plans).toBe(1);
  const marked = record("marker", NO_PARAMS, [x]);
  expect(bench.read(marked)).toEqual([2]);
  expect(marked.value).toBe(x.value);
  expect(bench.plans).toBe(1);
});

test("several roots are one plan; a root twice, an alias of a root and a ready root are free", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const y = op("exp", x);
  const z = op("mul", y, y);
  const marked = record("marker", NO_PARAMS, [z]);
  evaluate([y, z, z, marked, x], bench.backend);
  expect(bench.device.counters.runs).toBe(1);
  expect(marked.value).toBe(z.value);
  expect(evaluate([y, z], bench.backend)).toBeNull();
  expect(bench.read(z)[0]).toBeCloseTo(Math.exp(2), 5);
});

test("equal roots share one storage, and are released apart", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const a = op("sin", x);
  const b = op("sin", x);
  own(a);
  own(b);
  evaluate([a, b], bench.backend);
  expect(a.value).toBe(b.value);
  disown(a);
  expect(b.value?.released).toBe(false);
  disown(b);
  expect(b.value?.released).toBe(true);
});

test("a chain of 100,000 operations", () => {
  const bench = createBench();
  const one = bench.array([1]);
  let x = bench.array([0]);
  for (let i = 0; i < 100_000; i++) x = op("add", x, one);
  expect(bench.read(x)).toEqual([100_000]);
});

test("second touch: a seen intermediate that is read again is stored, with its inputs dropped", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const h = op("sin", x);
  bench.read(op("mul", h, h));
  expect(h.value).toBeNull();
  bench.read(op("add", h, number(1)));
  expect(h.value).not.toBeNull();
  expect(h.operands).toEqual([]);
});

test("second touch: what has no room is not stored and is computed again", () => {
  const bench = createBench(4096);
  const x = bench.array([0.5]);
  const read = (h: Node, i: number): number[] => bench.read(sliceAt(h, i, 1));
  const broadcast = (of: Node, n: number): Node =>
    record("broadcastInDim", { shape: [n], axes: [] }, [record("reshape", { shape: [] }, [of])]);
  // more than all memory: never stored
  const large = op("sin", broadcast(x, 2000));
  for (let i = 0; i < 4; i++) expect(read(large, i)[0]).toBeCloseTo(Math.sin(0.5));
  expect(large.value).toBeNull();
  // no more than memory, but the rest of it is taken: stored only when there is room
  const taken = bench.array(new Array<number>(700).fill(0));
  const small = op("cos", broadcast(x, 500));
  for (let i = 0; i < 3; i++) expect(read(small, i)[0]).toBeCloseTo(Math.cos(0.5));
  expect(small.value).toBeNull();
  expect(() => bench.read(op("exp", broadcast(x, 500)))).toThrow(OutOfMemoryError);
  disown(taken);
  expect(read(small, 3)[0]).toBeCloseTo(Math.cos(0.5));
  expect(small.value).not.toBeNull();
});

test("a jitted loop that reads one result and carries another keeps no history", () => {
  const bench = createBench();
  const graph = traceGraph("step", [f32(2)], ([x]) => {
    const next = op("sin", x);
    return [next, op("exp", next)];
  });
  let x = bench.array([0.5, 1]);
  for (let i = 0; i < 50; i++) {
    const call = record("call", { graph, name: "step" }, [x]);
    bench.read(proj(call, 1));
    x = proj(call, 0);
  }
  expect(bench.plans).toBeLessThanOrEqual(3);
  expect(bench.device.counters.steps).toBeLessThan(50 * 5);
});

test("products and reductions are cached, owned at the second touch, computed again when evicted", () => {
  const bench = createBench();
  const a = bench.array([1, 2, 3, 4], [2, 2]);
  const product = matmul(a, a);
  own(product);
  bench.read(op("exp", product));
  expect(product.value).not.toBeNull();
  expect(product.operands.length).toBe(2);
  expect(bench.device.cached.count).toBe(1);
  expect(bench.device.cached.clear()).toBe(16);
  expect(product.value?.released).toBe(true);
  expect(bench.read(product)).toEqual([7, 10, 15, 22]);
  const other = matmul(a, product);
  own(other);
  bench.read(op("neg", other));
  bench.read(op("abs", other));
  expect(bench.device.cached.count).toBe(0);
  expect(other.operands).toEqual([]);
});

test("cached results that neither a handle nor pending work reaches are let go of at once", () => {
  const bench = createBench();
  const a = bench.array([1, 2, 3, 4], [2, 2]);
  const product = matmul(a, a);
  const waiting = op("sin", product);
  own(waiting);
  bench.read(op("exp", product));
  // something pending reads it
  expect(bench.device.cached.count).toBe(1);
  disown(waiting);
  expect(bench.device.cached.count).toBe(0);
  // whoever still has the node computes it again
  expect(bench.read(product)).toEqual([7, 10, 15, 22]);
});

test("cached results are bounded by number too, the oldest go first", () => {
  const bench = createBench();
  const a = bench.array([1, 2, 3, 4], [2, 2]);
  const products = Array.from({ length: MAX_CACHED + 10 }, () => {
    const product = matmul(a, a);
    own(product);
    bench.read(op("exp", product));
    return product;
  });
  expect(bench.device.cached.count).toBe(MAX_CACHED);
  expect(bench.device.cached.evictions).toBe(10);
  expect(products.map(({ value }) => value?.released).indexOf(false)).toBe(10);
  expect(bench.read(products[0])).toEqual([7, 10, 15, 22]);
});

test("a loop over cached results keeps no history", () => {
  const bench = createBench();
  const w = bench.array([0.5, 0.1, 0.2, 0.3], [2, 2]);
  let h = bench.array([1, 0, 0, 1], [2, 2]);
  const states: Node[] = [];
  for (let i = 0; i < 20; i++) {
    h = matmul(w, h);
    states.push(h);
    bench.read(sum(op("sin", h)));
  }
  for (const state of states.slice(0, -1)) expect(state.operands).toEqual([]);
  expect(bench.plans).toBeLessThanOrEqual(2);
});

test("while a scope is open evaluated nodes keep their inputs, and drop them when it closes", () => {
  const bench = createBench();
  const x = bench.array([3]);
  const older = op("exp", x);
  let inner: Node | null = null;
  withScope("diff", "grad(f)", false, () => {
    const h = op("mul", record("marker", NO_PARAMS, [x]), x);
    inner = h;
    expect(bench.read(h)).toEqual([9]);
    expect(h.operands.length).toBe(2);
    bench.read(older);
    expect(older.operands.length).toBe(0);
    expect(bench.read(op("add", h, number(1)))).toEqual([10]);
  });
  expect((inner as unknown as Node).operands).toEqual([]);
});

test("reading what is traced, or what was traced, says so", () => {
  const { backend } = createBench();
  expect(() =>
    withScope("abstract", "jit(f)", true, (scope) => evaluate([op("sin", placeholder(f32(2), "x", scope))], backend)),
  ).toThrow(ConcretizationError);
});

test("a failed run poisons its results and what reads them, at once or later", () => {
  const bench = createBench();
  bench.backend.lazy = true;
  const x = bench.array([1]);
  const y = op("sin", x);
  const z = op("exp", y);
  evaluate([y], bench.backend);
  const ticket = evaluate([z], bench.backend);
  expect(y.value?.ticket?.state).toBe("queued");
  expect(ticket?.state).toBe("queued");
  bench.backend.settle(new DeviceError("lane 1 died"));
  expect(ticket?.state).toBe("failed");
  expect(() => z.value?.ticket?.help()).toThrow("lane 1 died");
  const later = op("neg", z);
  evaluate([later], bench.backend);
  expect(later.value?.ticket?.state).toBe("failed");
  expect(() => later.value?.ticket?.help()).toThrow(DeviceError);
  // what does not depend on it works
  bench.backend.lazy = false;
  expect(bench.read(op("neg", x))).toEqual([-1]);
});

test("a run that reads an unfinished one that fails, fails with it although it ran", () => {
  const bench = createBench();
  bench.backend.lazy = true;
  const y = op("sin", bench.array([1]));
  const first = evaluate([y], bench.backend);
  const z = op("exp", y);
  const second = evaluate([z], bench.backend);
  (first as unknown as { finish(error: Error): void }).finish(new DeviceError("trap"));
  bench.backend.settle();
  expect(second?.state).toBe("failed");
  expect(second?.error?.message).toBe("trap");
});

test("out of memory: nothing is half done, cached results make room, the message names the largest arrays", () => {
  const bench = createBench(380);
  const x = bench.array(new Array(16).fill(1), [4, 4]);
  const product = matmul(x, x);
  own(product);
  bench.read(sum(op("exp", product)));
  expect(bench.device.cached.count).toBe(1);
  const pair = [op("sin", x), op("cos", x), op("exp", x)];
  evaluate(pair, bench.backend);
  expect(bench.device.cached.count).toBe(0);
  const before = bench.backend.memory().live;
  const many = ["neg", "abs", "sqrt", "tanh"].map((prim) => op(prim as "neg", x));
  expect(() => evaluate(many, bench.backend)).toThrow(OutOfMemoryError);
  expect(() => evaluate(many, bench.backend)).toThrow(/float32\[4,4\] \(64 bytes\).*dispose/);
  expect(bench.backend.memory().live).toBe(before);
  expect(many[0].value).toBeNull();
  expect(many[0].operands.length).toBe(1);
});

test("dispose releases at once what nothing needs, and keeps what pending work reads", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const t = op("mul", x, x);
  const y = op("add", t, x);
  own(y);
  disown(x);
  expect(x.value?.released).toBe(false);
  expect(bench.read(y)).toEqual([2, 6]);
  // t was fused away and nobody owns it: with y evaluated, nothing needs x
  expect(x.value?.released).toBe(true);
  disown(y);
  expect(bench.backend.memory().live).toBe(0);
});

test("an owned temporary keeps what it would be computed from, until it ends", () => {
  const bench = createBench();
  const x = bench.array([1, 2]);
  const t = op("mul", x, x);
  own(t);
  const y = op("add", t, x);
  own(y);
  bench.read(y);
  disown(x);
  expect(x.value?.released).toBe(false);
  disown(t);
  expect(x.value?.released).toBe(true);
});

test("storage is freed after the last run that names it", () => {
  const bench = createBench();
  bench.backend.lazy = true;
  const x = bench.array([1]);
  evaluate([op("cos", x)], bench.backend);
  evaluate([op("sin", x)], bench.backend);
  const y = op("exp", x);
  disown(x);
  expect(x.value?.released).toBe(false);
  own(y);
  evaluate([y], bench.backend);
  expect(x.value?.released).toBe(true);
  expect(bench.backend.frees.at(-1)?.afterSeq).toBe(3);
  bench.backend.settle();
  // a run that is done names nothing any more
  bench.backend.lazy = false;
  const z = op("neg", y);
  own(z);
  evaluate([z], bench.backend);
  disown(z);
  expect(bench.backend.frees.at(-1)?.afterSeq).toBe(0);
});

test("reading a disposed array that was held without being owned says so", () => {
  const bench = createBench();
  const x = bench.array([1]);
  disown(x);
  expect(() => bench.read(op("sin", x))).toThrow(DisposedError);
});

test("disposing inside a transformation waits for its end", () => {
  const bench = createBench();
  const x = bench.array([1]);
  withScope("diff", "grad(f)", false, () => {
    disown(x);
    expect(x.value?.released).toBe(false);
  });
  evaluate([], bench.backend);
  expect(x.value?.released).toBe(true);
});
