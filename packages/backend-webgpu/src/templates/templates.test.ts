import type { Buffer, MatrixOperand, Step } from "@weft/ir";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { WebgpuBackend } from "../index.ts";
import { missing, openDevice } from "../../scripts/testing/adapter.ts";
import { at, floats, scale } from "../../scripts/testing/steps.ts";
import { MAP_READ, USAGE } from "../constants.ts";
import { planLaunches } from "../launch.ts";
import type { Launch } from "../launch.ts";
import { PipelineCache } from "../pipelines.ts";
import { Tracing } from "../tracing.ts";
import { GEMM_SHAPES, gemmCode, gemmVariant } from "./gemm.ts";
import type { GemmElement } from "./gemm.ts";

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array } as const;
type Words = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

let state = 7;
const next = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0);
function draw(storage: GemmElement, length: number): Words {
  const made = new ARRAYS[storage](length);
  for (let i = 0; i < length; i++) made[i] = storage === "f32" ? ((next() >>> 8) % 2001) / 1000 - 1 : next();
  return made;
}

interface View {
  readonly base: number;
  readonly batchStride: number;
  readonly rowStride: number;
  readonly colStride: number;
}
const operand = (buffer: number, view: View): MatrixOperand => ({ place: at(buffer), ...view });

describe.skipIf(missing !== null).each([
  ["an adapter on the processor", true],
  ["a GPU", false],
])("templates shaped for %s", (_name, software) => {
  let backend: WebgpuBackend;
  beforeAll(async () => {
    backend = await openDevice({ software });
  });
  afterAll(() => backend.close());

  const upload = (data: ArrayBufferView): Buffer => {
    const buffer = backend.alloc(data.byteLength);
    backend.upload(buffer, data);
    return buffer;
  };
  async function outputOf<T extends Words>(
    step: Step,
    inputs: readonly Words[],
    out: T,
    slots: readonly number[] = [],
  ): Promise<T> {
    const buffers = [...inputs.map(upload), backend.alloc(out.byteLength)];
    const program = backend.compile({ steps: [step], buffers: buffers.length, slots: slots.length });
    await backend.run(program, { buffers, slots }).wait();
    await backend.read(buffers[buffers.length - 1], new Uint8Array(out.buffer));
    for (const buffer of buffers) backend.free(buffer, 0);
    program.dispose();
    return out;
  }

  const plainLeft = (m: number, k: number): View => ({ base: 0, batchStride: m * k, rowStride: k, colStride: 1 });
  const plainRight = (k: number, n: number): View => ({ base: 0, batchStride: k * n, rowStride: n, colStride: 1 });

  async function checkGemm(
    storage: GemmElement,
    batch: number,
    m: number,
    n: number,
    k: number,
    left: View,
    right: View,
  ): Promise<void> {
    const reach = (view: View, rows: number, cols: number): number =>
      1 +
      [view.batchStride * (batch - 1), view.rowStride * (rows - 1), view.colStride * (cols - 1)].reduce(
        (sum, x) => sum + Math.max(0, x),
        view.base,
      );
    const a = draw(storage, reach(left, m, k));
    const b = draw(storage, reach(right, k, n));
    const step: Step = {
      kind: "gemm",
      storage,
      batch,
      m,
      n,
      k,
      lhs: operand(0, left),
      rhs: operand(1, right),
      out: at(2),
      scratch: null,
    };
    const got = await outputOf(step, [a, b], new ARRAYS[storage](batch * m * n));
    for (let sample = 0; sample < Math.min(300, got.length); sample++) {
      const i = got.length <= 300 ? sample : next() % got.length;
      const [w, row, col] = [Math.floor(i / (m * n)), Math.floor(i / n) % m, i % n];
      let sum = 0;
      let size = 0;
      for (let x = 0; x < k; x++) {
        const p = a[left.base + w * left.batchStride + row * left.rowStride + x * left.colStride];
        const q = b[right.base + w * right.batchStride + x * right.rowStride + col * right.colStride];
        if (storage === "f32") {
          sum += p * q;
          size += Math.abs(p * q);
        } else sum = (sum + Math.imul(p, q)) | 0;
      }
      const where = `${storage} [${batch},${m},${n}] over ${k}, element ${i}`;
      if (storage === "f32") expect(Math.abs(got[i] - sum), where).toBeLessThanOrEqual(size * k * 2 ** -24 + 1e-30);
      else expect(got[i] | 0, where).toBe(sum);
    }
  }

  test.each<[GemmElement, number, number, number, number]>([
    ["f32", 1, 1, 1, 1],
    ["f32", 1, 64, 64, 64],
    ["f32", 1, 65, 63, 33],
    ["f32", 3, 17, 130, 20],
    ["f32", 1, 510, 512, 9],
    ["f32", 1, 200, 1, 300],
    ["f32", 1, 1, 200, 300],
    ["f32", 1, 1, 1, 10_000],
    ["f32", 2, 5, 3, 9],
    ["f32", 1, 70_000, 2, 3],
    ["i32", 2, 33, 40, 31],
    ["u32", 1, 12, 129, 65],
    ["i32", 1, 2, 2, 5000],
    ["f32", 1, 4, 4, 0],
  ])("%s product, %i of [%i,%i] over %i", async (storage, batch, m, n, k) => {
    await checkGemm(storage, batch, m, n, k, plainLeft(m, k), plainRight(k, n));
  });

  test("operands are strided views", async () => {
    const [m, n, k] = [70, 45, 50];
    const turned = { base: 3, batchStride: 0, rowStride: 1, colStride: m };
    await checkGemm("f32", 2, m, n, k, turned, plainRight(k, n));
    await checkGemm("f32", 2, m, n, k, plainLeft(m, k), {
      base: 5,
      batchStride: k * n + 7,
      rowStride: 1,
      colStride: k,
    });
    await checkGemm(
      "f32",
      1,
      m,
      n,
      k,
      { base: k * m - 1, batchStride: 0, rowStride: -k, colStride: -1 },
      plainRight(k, n),
    );
    await checkGemm("i32", 1, m, n, k, { base: 0, batchStride: 0, rowStride: 0, colStride: 2 }, plainRight(k, n));
  });

  test("a view may begin at a slot, and both operands may be one array", async () => {
    const n = 20;
    const a = draw("i32", 3 * n * n) as Int32Array<ArrayBuffer>;
    const base = { base: 0, terms: [{ slot: 0, coef: n }] };
    const view = { place: at(0), base, batchStride: 0, rowStride: n, colStride: 1 };
    const step: Step = {
      kind: "gemm",
      storage: "i32",
      batch: 1,
      m: n,
      n,
      k: n,
      lhs: view,
      rhs: view,
      out: at(1),
      scratch: null,
    };
    const got = await outputOf(step, [a], new Int32Array(n * n), [30]);
    const first = 30 * n;
    let sum = 0;
    for (let x = 0; x < n; x++) sum = (sum + Math.imul(a[first + 2 * n + x], a[first + x * n + 4])) | 0;
    expect(got[2 * n + 4]).toBe(sum);
  });

  test.each<["f32" | "u32", number, number, number]>([
    ["f32", 1, 100, 70],
    ["u32", 3, 33, 65],
    ["u32", 1, 1, 500],
    ["f32", 2, 300, 1],
  ])("%s transpose, %i of [%i,%i]", async (storage, batch, rows, cols) => {
    const rowStride = cols + 3;
    const batchStride = rows * rowStride;
    const data = draw(storage, 5 + batch * batchStride);
    const from = { place: at(0), base: 5, batchStride, rowStride, colStride: 1 };
    const step: Step = { kind: "transpose", storage, batch, rows, cols, from, out: at(1) };
    const got = await outputOf(step, [data], new ARRAYS[storage](batch * rows * cols));
    const expected = got.map((_, i) => {
      const [b, c, r] = [Math.floor(i / (rows * cols)), Math.floor(i / rows) % cols, i % rows];
      return data[5 + b * batchStride + r * rowStride + c];
    });
    expect([...got]).toEqual([...expected]);
  });

  test("a transpose keeps the bits of NaNs", async () => {
    const bits = Uint32Array.of(0x7fc12345, 0xff800001, 0x80000000, 1, 0x3f800000, 0xffffffff);
    const from = { place: at(0), base: 0, batchStride: 6, rowStride: 3, colStride: 1 };
    const step: Step = { kind: "transpose", storage: "f32", batch: 1, rows: 2, cols: 3, from, out: at(1) };
    const got = await outputOf(step, [bits], new Uint32Array(6));
    expect([...got]).toEqual([bits[0], bits[3], bits[1], bits[4], bits[2], bits[5]]);
  });
});

test("the form of a product follows its sizes and the adapter", () => {
  const form = (batch: number, m: number, n: number, k: number, software: boolean): string =>
    gemmVariant(
      "f32",
      { batch, m, n, k, lhsAlongK: true, rhsAlongK: false, vectors: n % 4 === 0 && k % 4 === 0 },
      software,
    ).form;
  expect(form(1, 1024, 1024, 1024, false)).toBe("tiled");
  expect(form(1, 1024, 1024, 1024, true)).toBe("vector");
  expect(form(1, 1024, 1023, 1024, true)).toBe("direct");
  expect(form(1, 4096, 1, 4096, false)).toBe("dot");
  expect(form(1, 1, 1, 100_000, true)).toBe("dot");
  expect(form(1, 1000, 1000, 2, false)).toBe("direct");
});

describe.skipIf(missing !== null)("the measured shape of a product", () => {
  test("is one of those there are, and products compiled afterwards have it", async () => {
    const backend = await openDevice();
    const { gemm } = await backend.calibrate();
    const shape = GEMM_SHAPES.find(
      ({ form, rows, cols, high, wide }) => gemm === `${form} ${rows}×${cols} by ${high}×${wide}`,
    );
    if (shape === undefined) throw new Error(`${gemm} is no shape`);
    const before = backend.counters().kernelsCompiled;
    const size = 512;
    const view = { base: 0, batchStride: 0, rowStride: size, colStride: 1 };
    const step: Step = {
      kind: "gemm",
      storage: "f32",
      batch: 1,
      m: size,
      n: size,
      k: size,
      lhs: operand(0, view),
      rhs: operand(1, view),
      out: at(2),
      scratch: null,
    };
    await backend.compile({ steps: [step], buffers: 3, slots: 0 }).ready();
    // its text was compiled by the measurement already
    expect(backend.counters().kernelsCompiled).toBe(before);
    await backend.close();
    // an imitated adapter compiles and times every shape, beside other suites
  }, 240_000);

  test("long products and kernels are several dispatches", async () => {
    const backend = await openDevice({ dispatchWork: 50_000 });
    const [m, n, k] = [70, 60, 50];
    const a = draw("i32", m * k);
    const b = draw("i32", k * n);
    const buffers = [backend.alloc(a.byteLength), backend.alloc(b.byteLength), backend.alloc(m * n * 4)];
    backend.upload(buffers[0], a);
    backend.upload(buffers[1], b);
    const lhs = operand(0, { base: 0, batchStride: 0, rowStride: k, colStride: 1 });
    const rhs = operand(1, { base: 0, batchStride: 0, rowStride: n, colStride: 1 });
    const step: Step = { kind: "gemm", storage: "i32", batch: 1, m, n, k, lhs, rhs, out: at(2), scratch: null };
    await backend.run(backend.compile({ steps: [step], buffers: 3, slots: 0 }), { buffers, slots: [] }).wait();
    expect(backend.counters().steps).toBeGreaterThan(4);
    const got = new Int32Array(m * n);
    await backend.read(buffers[2], new Uint8Array(got.buffer));
    const expected = got.map((_, i) => {
      let sum = 0;
      for (let x = 0; x < k; x++) sum = (sum + Math.imul(a[Math.floor(i / n) * k + x], b[x * n + (i % n)])) | 0;
      return sum;
    });
    expect([...got]).toEqual([...expected]);
    const long = 300_001;
    const line = [backend.alloc(long * 4), backend.alloc(long * 4)];
    backend.upload(
      line[0],
      Float32Array.from({ length: long }, (_, i) => i),
    );
    const before = backend.counters().steps;
    await backend
      .run(backend.compile({ steps: [scale(long, at(0), at(1), 2)], buffers: 2, slots: 0 }), {
        buffers: line,
        slots: [],
      })
      .wait();
    expect(backend.counters().steps - before).toBe(6);
    const doubled = await floats(backend, line[1], long);
    expect(doubled.findIndex((x, i) => x !== 2 * i)).toBe(-1);
    await backend.close();
  });

  // equal terms are the worst: every addition rounds the same way
  test.each([
    [132, 140, 10_000, "lines of vectors"],
    [37, 35, 10_003, "odd lines"],
    [40, 48, 70_000, "a left operand along m"],
    [3, 5, 100_000, "few outputs"],
    [1, 1, 400_000, "one output"],
  ])("sums over long k keep their digits: [%i,k]·[k,%i], k = %i, %s", async (m, n, k, what) => {
    const flipped = what === "a left operand along m";
    for (const software of [true, false]) {
      const backend = await openDevice({ software });
      const lhs = operand(0, { base: 0, batchStride: 0, rowStride: flipped ? 1 : k, colStride: flipped ? m : 1 });
      const rhs = operand(1, { base: 0, batchStride: 0, rowStride: n, colStride: 1 });
      const step: Step = { kind: "gemm", storage: "f32", batch: 1, m, n, k, lhs, rhs, out: at(2), scratch: null };
      const buffers = [m * k, k * n, m * n].map((length) => backend.alloc(length * 4));
      backend.upload(buffers[0], new Float32Array(m * k).fill(0.1));
      backend.upload(buffers[1], new Float32Array(k * n).fill(1));
      await backend.run(backend.compile({ steps: [step], buffers: 3, slots: 0 }), { buffers, slots: [] }).wait();
      const got = await floats(backend, buffers[2], m * n);
      const expected = Math.fround(0.1) * k;
      for (const x of got) expect(Math.abs(x / expected - 1)).toBeLessThan(6e-6);
      await backend.close();
    }
  });

  test.each([
    // lines of whole vectors or not, the left operand's along k or along m
    [130, 140, 37, false],
    [130, 140, 36, false],
    [132, 140, 37, true],
  ])("every shape computes the same product: [%i,k]·[k,%i], k = %i, left transposed: %s", async (m, n, k, flipped) => {
    const backend = await openDevice();
    const { device } = backend;
    if (device === null) throw new Error("the device is not open");
    const texts = new Set(
      GEMM_SHAPES.map((shape) => gemmCode({ ...shape, element: "f32", lhsAlongK: true, rhsAlongK: false, block: 0 })),
    );
    expect(texts.size).toBe(GEMM_SHAPES.length);
    const a = draw("f32", m * k);
    const b = draw("f32", k * n);
    const [row, col] = flipped ? [1, m] : [k, 1];
    const results: Float32Array[] = [];
    const used: string[] = [];
    for (const shape of GEMM_SHAPES) {
      const plan = planLaunches(
        [
          {
            kind: "gemm",
            storage: "f32",
            batch: 1,
            m,
            n,
            k,
            lhs: operand(0, { base: 0, batchStride: 0, rowStride: row, colStride: col }),
            rhs: operand(1, { base: 0, batchStride: 0, rowStride: n, colStride: 1 }),
            out: at(2),
            scratch: null,
          },
        ],
        3,
        {
          software: shape.form !== "tiled",
          gemm: shape,
          bindingBytes: 2 ** 27,
          bindings: 8,
          bindingAlign: 256,
          dispatchWork: Infinity,
          productWork: Infinity,
          workgroups: 3,
          emit: () => expect.fail("no kernel here"),
        },
      );
      const [launch] = plan.launches;
      used.push(launch.kind === "dispatch" && launch.shader.code.includes("array<vec4<f32>>") ? "vector" : "other");
      results.push(await runLaunch(device, plan.launches[0], [a, b], m * n));
    }
    for (const result of results) {
      for (let i = 0; i < m * n; i += 7) {
        let sum = 0;
        for (let x = 0; x < k; x++) sum += a[Math.floor(i / n) * row + x * col] * b[x * n + (i % n)];
        expect(Math.abs(result[i] - sum)).toBeLessThan(1e-5);
      }
    }
    const forms = new Set(used);
    expect(forms.has("vector")).toBe(flipped || k % 4 === 0);
    await backend.close();
  });
});

/** Runs one dispatch without the runtime. */
async function runLaunch(
  device: GPUDevice,
  launch: Launch,
  inputs: readonly Words[],
  length: number,
): Promise<Float32Array> {
  if (launch.kind !== "dispatch") throw new Error("no dispatch");
  const compiled = new PipelineCache(device, new Tracing(() => 0)).get(launch.shader);
  await compiled.settled;
  if (compiled.pipeline === null) throw compiled.error ?? new Error("no pipeline");
  const params = new ArrayBuffer(launch.paramWords * 4);
  launch.writeParams(new DataView(params), []);
  const filled = (data: ArrayBufferView<ArrayBuffer> | ArrayBuffer, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: usage | USAGE.copyTarget });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const out = device.createBuffer({ size: length * 4, usage: USAGE.storage | USAGE.copySource });
  const staging = device.createBuffer({ size: length * 4, usage: USAGE.mapRead | USAGE.copyTarget });
  const buffers = [filled(params, USAGE.uniform), ...inputs.map((data) => filled(data, USAGE.storage)), out];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(compiled.pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: compiled.layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
    [0],
  );
  pass.dispatchWorkgroups(...launch.groups);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, staging, 0, length * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(MAP_READ);
  return new Float32Array(staging.getMappedRange().slice(0));
}
