// The bench: every figure of the issue, measured in interleaved rounds beside its gauge and beside NumPy. Writes
// bench/RESULTS.md and out/bench/results.json. `--quick` leaves the large arrays out; `--only WORD` runs a part.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { NDArray } from "@weft/api";
import { blockUntilReady, devices, init, jit, numpy as np, random } from "@weft/api";
import { makeGauges, PEAK_FLOP } from "./gauges.ts";
import type { Contender } from "./harness.ts";
import { clock, interleave, median, microseconds } from "./harness.ts";
import { Numpy } from "./numpy.ts";
import type { Figure } from "./report.ts";
import { writeResults } from "./report.ts";
import { measureSubmission } from "./webgpu.ts";
import { blur, cubes, gaussianKernel, makeNetwork, matVecs, selu, softmax, thirty, trainingStep } from "./workloads.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean" },
    threads: { type: "string" },
    only: { type: "string" },
    write: { type: "boolean" },
  },
});
const asked = flags.threads === undefined ? undefined : Number(flags.threads);
const { threads } = await init({ threads: asked });
const large = flags.quick === true ? 1e7 : 1e8;
const gauges = await makeGauges(4 * large);
const numpy = await Numpy.start(threads);
const figures: Figure[] = [];

const wanted = (name: string): boolean => flags.only === undefined || name.includes(flags.only);
const peer = (workload: string): Readonly<Record<string, Contender>> =>
  numpy === null ? {} : { numpy: () => numpy.run(workload) };
const run = (f: () => NDArray): Contender =>
  clock(async () => {
    using result = f();
    await result.ready();
  });
const say = (text: string): void => console.error(text);

/** One workload in interleaved rounds: ours, NumPy's, and gauges by name. */
async function compare(
  name: string,
  ours: Contender,
  workload: string | null,
  rounds: number,
  gauge: Readonly<Record<string, Contender>> = {},
  note = "",
): Promise<void> {
  say(`… ${name}`);
  const measured = await interleave({ weft: ours, ...(workload === null ? {} : peer(workload)), ...gauge }, rounds);
  figures.push({ name, threads, measured, note });
}

if (wanted("overhead")) {
  say("… overheads");
  const x = await np.array([1, 2, 3, 4, 5, 6, 7, 8]).ready();
  const y = await np.array([8, 7, 6, 5, 4, 3, 2, 1]).ready();
  let chain = x;
  // chains of 300: shorter than the flush window, and evaluated between the timed blocks
  const record = await microseconds(
    () => {
      chain = chain.add(y);
    },
    300,
    () => {
      chain.dataSync();
      chain = x;
    },
  );
  figures.push({ name: "recording one operation", micros: record, target: 2 });
  let state = x;
  const fresh = await microseconds(() => {
    state = thirty(state, y);
    state.dataSync();
  }, 200);
  figures.push({
    name: "30 operations on fresh arrays of 8, recorded, evaluated (cached plan) and read",
    micros: fresh,
    target: 20,
  });
  const jitted = jit(thirty);
  let result = jitted(x, y);
  const call = await microseconds(() => {
    result = jitted(result, y);
  }, 200);
  await result.ready();
  figures.push({ name: "a jitted call of the same", micros: call, target: 15 });
}

if (wanted("submit")) {
  say("… submission on WebGPU");
  const cost = await measureSubmission();
  if ("missing" in cost) say(`submission on WebGPU: ${cost.missing}`);
  else {
    const of = "time of the calling thread's processor, on Dawn";
    figures.push({ name: `submitting a cached plan of 30 kernels on WebGPU, ${of}`, micros: cost.weft, target: 150 });
    figures.push({ name: "the least of it", micros: cost.leastWeft, target: null });
    figures.push({ name: "the WebGPU calls of 30 kernels in a bare loop", micros: cost.bare, target: null });
    figures.push({ name: "the least of it", micros: cost.leastBare, target: null });
  }
}

if (wanted("compile")) {
  say("… first result of a new kernel");
  const x = await np.ones([1000]).ready();
  const times: number[] = [];
  for (let i = 0; i < 192; i++) {
    const start = performance.now();
    jit((a: NDArray) => seluAnd(a, i))(x).dataSync();
    times.push((performance.now() - start) * 1000);
    if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const middle = (from: number, to: number): number => median(times.slice(from, to));
  figures.push({
    name: "the first kernel of a process (SELU), from the call to its result",
    micros: times[0],
    target: null,
  });
  figures.push({ name: "a new SELU kernel, among the first dozen of a process", micros: middle(1, 13), target: null });
  figures.push({
    name: "a new SELU kernel, in a process that has made a hundred",
    micros: middle(100, 192),
    target: 1000,
  });
}

/** SELU and three operations more, chosen by i's digits to base 6: every i < 216 is a kernel of its own. */
function seluAnd(x: NDArray, i: number): NDArray {
  const tails = [
    (y: NDArray) => y.add(x),
    (y: NDArray) => y.mul(x),
    (y: NDArray) => np.maximum(y, x),
    (y: NDArray) => y.sub(x),
    (y: NDArray) => np.minimum(y, x),
    (y: NDArray) => x.sub(y),
  ];
  let y = selu(x);
  for (let k = 0; k < 3; k++) y = tails[Math.floor(i / 6 ** k) % 6](y);
  return y;
}

if (wanted("selu")) {
  const jitted = jit(selu);
  for (const n of flags.quick === true ? [1e5, 1e6, 1e7] : [1e5, 1e6, 1e7, 1e8]) {
    const x = await random.normal(random.key(0), [n]).ready();
    await compare(
      `SELU, ${n.toExponential(0).replace("+", "")} float32`,
      run(() => jitted(x)),
      `selu ${n}`,
      n >= 1e8 ? 7 : 15,
      { copy: clock(() => gauges.copy(4 * n)) },
    );
    x.dispose();
  }
}

if (wanted("matmul")) {
  const jitted = jit((a: NDArray, b: NDArray) => np.matmul(a, b));
  for (const n of [256, 512, 1024, 2048]) {
    const [a, b] = [0, 1].map((i) => random.normal(random.key(i), [n, n]));
    await blockUntilReady([a, b]);
    const scale = (2 * n ** 3) / PEAK_FLOP;
    await compare(
      `matmul ${n}, float32`,
      run(() => jitted(a, b)),
      `matmul ${n}`,
      n >= 2048 ? 7 : 15,
      { peak: async () => (await clock(() => gauges.peak())()) * scale },
      "peak: the same FLOP in registers on one thread",
    );
  }
}

if (wanted("blur")) {
  const image = random.uniform(random.key(4), [473, 716]);
  const kernel = gaussianKernel();
  await blockUntilReady([image, kernel]);
  const jitted = jit(blur);
  await compare(
    "9×9 blur of 473×716 by 81 slices, jit",
    run(() => jitted(image, kernel)),
    "blur",
    15,
  );
  await compare(
    "9×9 blur of 473×716 by 81 slices, no jit",
    run(() => blur(image, kernel)),
    "blur",
    15,
  );
}

if (wanted("others")) {
  const x = await random.normal(random.key(5), [1e7]).ready();
  const sum = jit(cubes);
  await compare(
    "sum(x³), 1e7",
    run(() => sum(x)),
    "cubes 10000000",
    9,
  );
  const rows = await random.normal(random.key(6), [4096, 1024]).ready();
  const soft = jit(softmax);
  await compare(
    "row softmax, 4096×1024",
    run(() => soft(rows)),
    "softmax 1024",
    9,
  );
  let net = makeNetwork();
  const [batch, labels] = [random.normal(random.key(7), [128, 784]), random.uniform(random.key(8), [128, 10])];
  await blockUntilReady([net, batch, labels]);
  await compare(
    "training step of a network 784-512-512-10, batch 128",
    clock(async () => {
      net = trainingStep(net, batch, labels);
      await blockUntilReady(net);
    }),
    null,
    15,
  );
  if (flags.quick !== true) {
    await compare(
      "random.normal, 1e8",
      run(() => random.normal(random.key(9), [1e8])),
      null,
      3,
    );
    const matrix = await random.normal(random.key(10), [10000, 10000]).ready();
    const vectors = await random.normal(random.key(11), [128, 10000]).ready();
    const product = jit(matVecs);
    await compare(
      "vmap of matrix·vector, 10000² and 128 vectors",
      run(() => product(matrix, vectors)),
      "matvec 10000",
      5,
    );
  }
}

numpy?.stop();
const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node ${process.versions.node}; device ${devices()[0]}, ${threads} thread${threads === 1 ? "" : "s"}; NumPy ${numpy?.version ?? "absent"}`;
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const out = fileURLToPath(new URL("../../out/bench/", import.meta.url));
mkdirSync(out, { recursive: true });
writeFileSync(`${out}results-${threads}.json`, JSON.stringify({ machine, commit, threads, figures }, null, 1));
console.log(
  writeResults(
    figures,
    machine,
    commit,
    flags.write === true ? fileURLToPath(new URL("../RESULTS.md", import.meta.url)) : null,
    process.argv.slice(2).filter((flag) => flag !== "--write"),
  ),
);
