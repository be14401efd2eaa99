// Uploads in parts: in slices of the host's time, all at once when the value is wanted, given up, and of sources that do
// not hold still. The host's clock and macrotasks are made up.
import type { Backend } from "@weft/ir";
import { aval, DeviceError, DisposedError, OutOfMemoryError } from "@weft/ir";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readValueSync } from "./data.ts";
import { createInterpreter } from "./interpreter/index.ts";
import { hostTurns, inSlices } from "./turns.ts";
import type { Turns } from "./turns.ts";
import { Upload, uploadInSlices } from "./uploads.ts";

const N = 2 ** 20;
const OF = aval("float32", [N]);
const ramp = (): Float32Array => Float32Array.from({ length: N }, (_, i) => i);
const read = (backend: Backend, upload: Upload): Float32Array => {
  const into = new Float32Array(N);
  readValueSync(upload.finish(), new Uint8Array(into.buffer));
  expect(upload.backend).toBe(backend);
  return into;
};

/** Every look at the clock is a millisecond later than the one before. */
function ticking() {
  let time = 0;
  const seen = { turns: 0, between: () => {} };
  const turns: Turns = {
    now: () => ++time,
    soon: (callback) => {
      seen.turns++;
      seen.between();
      void Promise.resolve().then(callback);
    },
  };
  return { turns, seen };
}

let before: Turns;
let host: ReturnType<typeof ticking>;
let backend: Backend;
beforeEach(() => {
  host = ticking();
  before = hostTurns(host.turns);
  backend = createInterpreter();
});
afterEach(() => hostTurns(before));

describe("work in slices", () => {
  test("lets the event loop run about every 6 ms, and not before", async () => {
    let parts = 0;
    await inSlices(() => ++parts === 60);
    // one look at the clock a part, and one at the beginning of a slice
    expect([parts, host.seen.turns]).toEqual([60, 12]);
  });

  test("is over at once if there is little of it", async () => {
    let over = false;
    void inSlices(() => (over = true));
    expect(over).toBe(true);
    await Promise.resolve();
    expect(host.seen.turns).toBe(1);
  });

  test("waits where a part does, and fails where a part fails", async () => {
    const order: string[] = [];
    let parts = 0;
    await inSlices(() => {
      order.push("part");
      return ++parts === 2 || Promise.resolve().then(() => order.push("waited"));
    });
    expect(order).toEqual(["part", "waited", "part"]);
    const failing = inSlices(() => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
  });
});

test("all work shares the slices, the oldest first", async () => {
  const order: string[] = [];
  const job = (name: string): Promise<void> => {
    let parts = 0;
    return inSlices(() => {
      order.push(name);
      return ++parts === 10;
    });
  };
  await Promise.all([job("a"), job("b"), job("c")]);
  expect(order.join("")).toBe("a".repeat(10) + "b".repeat(10) + "c".repeat(10));
  expect(host.seen.turns).toBeGreaterThanOrEqual(6);
  // many that are short are long together
  const before = host.seen.turns;
  await Promise.all(Array.from({ length: 50 }, () => inSlices(() => true)));
  expect(host.seen.turns - before).toBeGreaterThanOrEqual(9);
});

describe("an upload", () => {
  test("comes in slices, whole", async () => {
    const upload = new Upload(backend, OF, ramp());
    await inSlices(() => upload.part());
    // 16 parts of a quarter of a megabyte
    expect(host.seen.turns).toBe(4);
    expect(read(backend, upload)).toEqual(ramp());
    expect(backend.memory().live).toBe(4 * N);
  });

  test("comes at once when it is wanted, also in the middle", async () => {
    const whole = new Upload(backend, OF, ramp());
    expect(read(backend, whole)).toEqual(ramp());
    const half = new Upload(backend, OF, ramp());
    for (let i = 0; i < 7; i++) expect(half.part()).toBe(false);
    expect(read(backend, half)).toEqual(ramp());
    expect(half.part()).toBe(true);
    expect(half.finish()).toBe(half.finish());
    expect(host.seen.turns).toBe(0);
  });

  test("of a view with an offset, of shared memory, of lengths that are no whole parts", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * N + 8), 4, N);
    shared.set(ramp());
    expect(read(backend, new Upload(backend, OF, shared))).toEqual(ramp());
    for (const n of [0, 1, 65_535, 65_536, 65_537]) {
      const data = Float32Array.from({ length: n }, (_, i) => i + 1);
      const upload = new Upload(backend, aval("float32", [n]), data);
      await inSlices(() => upload.part());
      const into = new Float32Array(n);
      readValueSync(upload.finish(), new Uint8Array(into.buffer));
      expect(into, String(n)).toEqual(data);
    }
    const half = Uint16Array.of(1, 2, 3);
    const odd = new Upload(backend, aval("float16", [3]), half);
    expect(odd.finish().bytes).toBe(6);
  });

  test("waits for the device between parts", async () => {
    let taken = 0;
    const slow: Backend = {
      ...backend,
      upload: (...given) => {
        void backend.upload(...given);
        return Promise.resolve().then(() => void taken++);
      },
    };
    const upload = new Upload(slow, OF, ramp());
    await inSlices(() => upload.part());
    expect(taken).toBe(16);
    const into = new Float32Array(N);
    readValueSync(upload.finish(), new Uint8Array(into.buffer));
    expect(into).toEqual(ramp());
  });

  test("gives its memory back when it is given up, before, meanwhile and afterwards", async () => {
    for (const parts of [0, 3, 16]) {
      const upload = new Upload(backend, OF, ramp());
      for (let i = 0; i < parts; i++) upload.part();
      expect(backend.memory().live).toBe(4 * N);
      upload.cancel();
      upload.cancel();
      expect(backend.memory().live).toBe(0);
      expect(upload.part()).toBe(true);
      if (parts < 16) expect(() => upload.finish()).toThrow(DisposedError);
    }
  });

  test("takes its memory when it begins", () => {
    const small = createInterpreter({ totalBytes: 4 * N });
    const first = new Upload(small, OF, ramp());
    expect(() => new Upload(small, OF, ramp())).toThrow(OutOfMemoryError);
    first.cancel();
    expect(read(small, new Upload(small, OF, ramp()))).toEqual(ramp());
  });

  const changes: readonly [string, (data: Float32Array) => void][] = [
    ["filled anew", (data) => data.fill(1)],
    ["filled with its own numbers, shifted by one", (data) => data.copyWithin(0, 1)],
    ["changed at its beginning", (data) => void (data[0] = -1)],
    ["changed at its end", (data) => void (data[N - 1] = -1)],
    ["turned around", (data) => data.reverse()],
    ["sorted the other way in its second half", (data) => data.subarray(N / 2).reverse()],
  ];
  test.each(changes)("of a source that is %s meanwhile fails", async (_name, change) => {
    for (const when of ["before", "between"]) {
      const data = ramp();
      const upload = new Upload(backend, OF, data);
      if (when === "before") change(data);
      else {
        host.seen.between = () => {
          host.seen.between = () => {};
          change(data);
        };
      }
      await inSlices(() => upload.part());
      for (let turn = 0; turn < 2; turn++) {
        expect(() => upload.finish()).toThrow(DeviceError);
        expect(() => upload.finish()).toThrow("was written to before it was uploaded; await devicePut(…) first");
      }
      expect(backend.memory().live).toBe(0);
    }
  });

  test("of a source that is taken away fails", async () => {
    const data = ramp();
    const upload = new Upload(backend, OF, data);
    upload.part();
    structuredClone(data, { transfer: [data.buffer] });
    await inSlices(() => upload.part());
    expect(() => upload.finish()).toThrow("was detached before it was uploaded");
    expect(backend.memory().live).toBe(0);
  });
});

test("bytes of a transfer come in slices too", async () => {
  const buffer = backend.alloc(4 * N);
  await uploadInSlices(backend, buffer, new Uint8Array(ramp().buffer));
  expect(host.seen.turns).toBe(4);
  const into = new Float32Array(N);
  backend.readSync(buffer, new Uint8Array(into.buffer));
  expect(into).toEqual(ramp());
  await uploadInSlices(backend, backend.alloc(0), new Uint8Array(0));
});
