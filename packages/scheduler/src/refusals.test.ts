// Kernels that a device refuses: its segment is lowered again in smaller ones, at once or when the device finds out.
import type { Backend, Node, Segment, Smaller } from "@weft/ir";
import { aval, DeviceError, leaf, literal, NO_PARAMS, own, record, RefusedError } from "@weft/ir";
import { describe, expect, test } from "vitest";
import { deviceFor } from "./device.ts";
import { evaluate } from "./evaluate.ts";
import { createInterpreter } from "./interpreter/index.ts";
import { readValueSync, uploadValue } from "./data.ts";

const sizeOf = ({ steps }: Segment): number =>
  Math.max(0, ...steps.map((step) => (step.kind === "kernel" ? step.kernel.nodes.length : 0)));

/** A device that compiles kernels of at most so many scalars. */
function strict(most: number): { backend: Backend; compiled: Segment[] } {
  const inner = createInterpreter();
  const compiled: Segment[] = [];
  const backend: Backend = Object.create(inner, {
    compile: {
      value: (segment: Segment) => {
        if (sizeOf(segment) > most) throw new RefusedError(`a kernel of ${sizeOf(segment)} scalars`);
        compiled.push(segment);
        return inner.compile(segment);
      },
    },
  }) as Backend;
  return { backend, compiled };
}

const f32 = (...shape: number[]) => aval("float32", shape);
const op = (prim: "add" | "mul" | "sin" | "exp", ...operands: Node[]): Node => record(prim, NO_PARAMS, operands);
const chain = (x: Node, n: number): Node => {
  let y = x;
  for (let i = 0; i < n; i++) y = op("mul", op("add", op("sin", y), x), literal(f32(), 0.5));
  return y;
};
const chained = (x: number, n: number): number => {
  let y = x;
  for (let i = 0; i < n; i++) y = (Math.sin(y) + x) * 0.5;
  return y;
};

function read(backend: Backend, root: Node): number[] {
  evaluate([root], backend)?.help();
  const out = new Float32Array(root.aval.size);
  if (root.value === null) throw new Error("no value");
  readValueSync(root.value, new Uint8Array(out.buffer));
  return [...out];
}

describe("a device that refuses", () => {
  test.each([60, 20, 6])("kernels of more than %i scalars gets smaller ones", (most) => {
    const { backend, compiled } = strict(most);
    const x = [0.1, 1, -2];
    const root = chain(leaf(f32(3), uploadValue(backend, f32(3), Float32Array.from(x))), 25);
    read(backend, root).forEach((value, i) => expect(value).toBeCloseTo(chained(x[i], 25), 5));
    expect(compiled).toHaveLength(1);
    expect(deviceFor(backend).counters.refusals).toBeGreaterThan(0);
  });

  test("every kernel is asked for the smallest ones, and then its error is shown with nothing kept", () => {
    const { backend } = strict(0);
    const x = leaf(f32(3), uploadValue(backend, f32(3), new Float32Array(3)));
    const before = backend.memory().live;
    expect(() => read(backend, chain(x, 25))).toThrow(DeviceError);
    expect(backend.memory().live).toBe(before);
  });

  test("what fits is left as it is", () => {
    const { backend, compiled } = strict(100);
    const x = leaf(f32(3), uploadValue(backend, f32(3), new Float32Array(3)));
    read(backend, chain(x, 5));
    expect(compiled[0].steps).toHaveLength(1);
    expect(deviceFor(backend).counters.refusals).toBe(0);
  });
});

test("the smaller form uses the same buffers, keeps what the larger one kept, and is as small as is asked for", () => {
  const inner = createInterpreter();
  let smaller: Smaller | undefined;
  let first: Segment | undefined;
  const backend: Backend = Object.create(inner, {
    compile: {
      value: (segment: Segment, other: Smaller) => {
        [first, smaller] = [segment, other];
        return inner.compile(segment);
      },
    },
  }) as Backend;
  const x = leaf(
    f32(3, 4),
    uploadValue(
      backend,
      f32(3, 4),
      Float32Array.from({ length: 12 }, (_, i) => i / 10),
    ),
  );
  // a sum that two results read is kept, as long as somebody may ask for it
  const sum = record("reduceSum", { axes: [1] }, [chain(x, 12)]);
  own(sum);
  const a = chain(sum, 12);
  const b = record("reduceSum", { axes: [0] }, [chain(op("exp", sum), 12)]);
  evaluate([a, b], backend)?.help();
  const kept = sum.value;
  if (first === undefined || smaller === undefined || kept === null) throw new Error("nothing was compiled");
  let size = sizeOf(first);
  let given = 0;
  for (let form = smaller(); form !== null; form = form.smaller()) {
    expect(sizeOf(form.segment)).toBeLessThanOrEqual(size);
    size = sizeOf(form.segment);
    const buffers = [x, a, b, sum].map(({ aval: of }) => inner.alloc(of.size * 4));
    expect(form.buffers).toBe(buffers.length);
    expect(form.segment.buffers).toBe(form.buffers + Number(form.arenaBytes > 0));
    inner.upload(
      buffers[0],
      Float32Array.from({ length: 12 }, (_, i) => i / 10),
    );
    if (form.arenaBytes > 0) buffers.push(inner.alloc(form.arenaBytes));
    inner.run(inner.compile(form.segment), { buffers, slots: form.slots([]) }).help();
    [a, b, sum].forEach(({ value, aval: of }, i) => {
      const [want, got] = [new Float32Array(of.size), new Float32Array(of.size)];
      if (value === null) throw new Error("no value");
      readValueSync(value, new Uint8Array(want.buffer));
      inner.readSync(buffers[i + 1], new Uint8Array(got.buffer));
      got.forEach((v, k) => expect(v).toBeCloseTo(want[k], 5));
    });
    given++;
  }
  expect(given).toBe(4);
  expect(size).toBeLessThan(8);
});
