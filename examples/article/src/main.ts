// The main job: runs the article's four programs at full size, checks every result, prints the table and writes the
// report. Exit codes: 0 all checks passed, 1 a check failed or the engine threw, 2 the command line was wrong.
import { freemem } from "node:os";
import { fileURLToPath } from "node:url";
import { WeftError } from "@weft/api";
import { passed } from "./checks.ts";
import { gib, openDevice } from "./device.ts";
import { findPython, runNumpy } from "./numpy.ts";
import { readOptions, USAGE, UsageError } from "./options.ts";
import { drawPicture, readPicture, toDataUrl } from "./picture.ts";
import { Progress } from "./progress.ts";
import { writeReport } from "./report.ts";
import type { Results } from "./results.ts";
import { formatCheck, formatTable } from "./results.ts";
import { runBlur, runGradients, runMatVec, runSelu } from "./run.ts";

const REPORT = fileURLToPath(new URL("../../../out/article/index.html", import.meta.url));
/** SELU holds x and y, and recycles one more: 3 × 400 MB; the rest is the process. */
const NEEDED = { full: 1.6 * 2 ** 30, quick: 0.3 * 2 ** 30 };

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const picture = options.image === undefined ? drawPicture(473, 716) : await readPicture(options.image);
  const { text: machine, slow } = await openDevice(options.device, options.threads);
  const quick = options.quick || (slow && !options.full);
  const needed = quick ? NEEDED.quick : NEEDED.full;
  if (freemem() < needed) {
    throw new UsageError(
      `too little memory: the programs need ${gib(needed)} GiB, ${gib(freemem())} GiB are free; try --quick`,
    );
  }
  console.log(`Weft: the four programs${quick ? ", small" : ""}\n${machine}`);
  if (quick && !options.quick)
    console.log("The adapter computes on the processor, so the small version runs; --full runs the large one.");
  console.log();

  const progress = new Progress(5);
  const results: Results = { rows: [], checks: [], notes: [] };
  const side = quick ? 1000 : 10000;
  progress.step(`SELU on ${(side * side).toLocaleString("en")} numbers`);
  await runSelu(results, side);
  progress.step("gradients, a Hessian and a network's loss");
  await runGradients(results, options.device);
  progress.step(`matrix·vector ${side}×${side}, vmapped over ${quick ? 16 : 128} vectors`);
  await runMatVec(results, side, quick ? 16 : 128);
  progress.step(`blur of ${picture.height}×${picture.width} pixels by 81 slices`);
  const blurred = await runBlur(results, picture);
  progress.step("the same in NumPy");
  const python = findPython();
  const numpy = python === null ? null : runNumpy(python, quick, picture.height, picture.width);
  progress.end();

  console.log(formatTable(results.rows, numpy?.times ?? null));
  if (numpy === null) console.log("\nNumPy: no python3 with numpy was found, so its column is empty");
  console.log(`\n${results.checks.map(formatCheck).join("\n")}`);
  const pictures = {
    before: await toDataUrl(picture),
    after: await toDataUrl(blurred),
    pictureSize: `${picture.height}×${picture.width}`,
  };
  const file = writeReport(REPORT, { results, numpy, machine, ...pictures, quick });
  const failures = results.checks.filter((check) => !passed(check)).length;
  console.log(
    `\n${failures === 0 ? "all checks passed" : `${failures} check${failures === 1 ? "" : "s"} FAILED`}; report: ${file}`,
  );
  return failures === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`weft: ${error.message}`);
    process.exitCode = 2;
  } else if (error instanceof WeftError) {
    console.error(`weft: ${error.name}: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
