// Runs the article's four programs, a matrix product and a copy on the WebGPU device of a packed Weft, beside JAX on the
// same card where python3 has it; checks every result; prints a table, and with --json FILE writes all of it. Exit codes:
// 0 everything right, 1 a check failed, 3 no adapter. It lies beside the packed packages and imports nothing else.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { defaultDevice, init, jit, numpy as np, random } from "@weft/api";

import { passed } from "./article/checks.ts";
import { measure } from "./article/measure.ts";
import { formatCheck, throughput } from "./article/results.ts";
import { runBlur, runGradients, runMatVec, runSelu } from "./article/run.ts";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, json: { type: "string" } },
});
const { threads, missing, adapter } = await init({ devices: ["wasm", "webgpu"] });
if (missing.webgpu !== undefined) {
  console.error(`gpu: ${missing.webgpu}`);
  process.exit(3);
}
defaultDevice("webgpu");
const quick = flags.quick ?? false;
const sizes = quick
  ? { side: 1000, count: 16, product: 512, copy: 1e6, repeats: 5 }
  : { side: 10_000, count: 128, product: 4096, copy: 1e8, repeats: 20 };
const commit = readFileSync(new URL("./COMMIT", import.meta.url), "utf8").trim();
console.log(
  `Weft ${commit} on ${adapter?.name ?? "an unnamed adapter"}; ${cpus()[0]?.model}, ${threads} threads, Node ${process.versions.node}\n`,
);

const wanted = (name) => flags.only === undefined || name.includes(flags.only);
const results = { rows: [], checks: [], notes: [] };
const say = (name) => console.error(`… ${name}`);
const once = (f) => async () => {
  const result = f();
  await result.ready();
  result.dispose();
};

if (wanted("selu")) {
  say("SELU");
  await runSelu(results, sizes.side);
}
if (wanted("gradients")) {
  say("gradients");
  await runGradients(results, "webgpu");
}
if (wanted("matvec")) {
  say("vmap of matrix·vector");
  await runMatVec(results, sizes.side, sizes.count);
}
if (wanted("blur")) {
  say("blur");
  const [height, width] = [473, 716];
  const pixels = Float32Array.from(
    { length: height * width },
    (_, i) => 0.5 + 0.5 * Math.sin(i * 0.37) * Math.cos(Math.floor(i / width) * 0.11),
  );
  await runBlur(results, { height, width, pixels });
}
if (wanted("gemm")) {
  say("a matrix product");
  const n = sizes.product;
  const [a, b] = [0, 1].map((i) => random.normal(random.key(i), [n, n]));
  const product = jit((x, y) => np.matmul(x, y));
  results.rows.push({
    program: `gemm ${n}`,
    variant: "jit",
    ...(await measure(
      once(() => product(a, b)),
      sizes.repeats,
    )),
    work: 2 * n ** 3,
    unit: "FLOP",
    numpy: "gemm",
  });
  const result = product(a, b);
  // a few entries against float64
  const picked = [0, Math.floor(n / 3), n - 1];
  const [rows, cols, got] = [[], [], []];
  for (const i of picked) {
    rows.push(await a.slice(i).data());
    cols.push(await b.slice([0, null, 1], i).data());
    got.push(await result.slice(i).data());
  }
  let error = 0;
  picked.forEach((_, i) =>
    picked.forEach((col, j) => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += rows[i][k] * cols[j][k];
      error = Math.max(error, Math.abs(sum - got[i][col]));
    }),
  );
  results.checks.push({
    what: `entries of the ${n}×${n} product against float64, absolute`,
    error,
    bound: 8 * n * 2 ** -24,
  });
}
if (wanted("copy")) {
  say("a copy");
  const n = sizes.copy;
  const x = await random.uniform(random.key(2), [n]).ready();
  const copy = jit((a) => a.add(1));
  results.rows.push({
    program: "copy (x + 1)",
    variant: "jit",
    ...(await measure(
      once(() => copy(x)),
      sizes.repeats,
    )),
    work: n,
    unit: "elements",
    numpy: "copy",
  });
  const sample = [null, null, Math.ceil(n / 1000)];
  const [from, to] = [await x.slice(sample).data(), await copy(x).slice(sample).data()];
  let error = 0;
  for (let i = 0; i < from.length; i++) error = Math.max(error, Math.abs(Math.fround(from[i] + 1) - to[i]));
  results.checks.push({ what: "the copy, every sampled element exactly", error, bound: 0 });
}

/** JAX's times by the names that rows have. */
function jaxTimes() {
  const script = new URL("./jax_peer.py", import.meta.url).pathname;
  const { side, count, product, copy, repeats } = sizes;
  const env = { ...process.env };
  // the packed Vulkan loader is none of its business
  delete env.LD_LIBRARY_PATH;
  const { status, stdout, error, stderr } = spawnSync(
    "python3",
    [script, side, count, product, copy, repeats].map(String),
    { encoding: "utf8", env, timeout: 600_000 },
  );
  if (error !== undefined) return { missing: `no python3 (${error.message})` };
  if (status !== 0) return { missing: stderr.trim().split("\n").pop() ?? `python3 ends with ${status}` };
  return JSON.parse(stdout.trim().split("\n").pop());
}
say("JAX");
const jax = jaxTimes();
const NAMES = { "2 gradients": "gradients" };
const ms = (value) =>
  value === undefined ? "–" : value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(4);
console.log(
  "| program | variant | first ms | Weft ms | throughput | JAX ms | JAX / Weft |\n|---|---|---:|---:|---:|---:|---:|",
);
for (const row of results.rows) {
  const theirs = row.variant.includes("loop") ? undefined : jax.times?.[NAMES[row.program] ?? row.numpy];
  const ratio = theirs === undefined ? "–" : (theirs / row.warm).toFixed(3);
  console.log(
    `| ${row.program} | ${row.variant} | ${ms(row.first)} | ${ms(row.warm)} | ${throughput(row)} | ${ms(theirs)} | ${ratio} |`,
  );
}
const looser = jax.times?.["gemm, jax's default precision"];
if (looser !== undefined)
  console.log(`\nJAX's product at its default precision (products of fewer bits): ${ms(looser)} ms`);
console.log(
  `\nJAX: ${jax.missing ?? `${jax.version} on ${jax.device}`}\n\n${results.checks.map(formatCheck).join("\n")}`,
);
if (flags.json !== undefined)
  writeFileSync(flags.json, JSON.stringify({ commit, adapter, quick, sizes, ...results, jax }, null, 1));
const failed = results.checks.filter((check) => !passed(check)).length;
console.log(failed === 0 ? "\nall checks passed" : `\n${failed} checks FAILED`);
process.exitCode = failed === 0 ? 0 : 1;
