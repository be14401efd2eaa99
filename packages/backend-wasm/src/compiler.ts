// Where the device's code comes from: the emitter for kernels, the planners of src/templates and the modules compiled
// ahead of time for the rest, all of one build. Translates the Backend's steps into the planners' terms; decides nothing.
import { InternalError, STORAGE_BYTES } from "@weft/ir";
import type { Step } from "@weft/ir";

import type { Compiler } from "./backend.ts";
import { builtinModules } from "./builtin-modules.ts";
import { emitKernel, kernelArgs } from "./emit/index.ts";
import type { TemplateForm } from "./launch.ts";
import { operandOf, wholePlace } from "./launch.ts";
import { forUnsharedMemory } from "./modules.ts";
import { loadStencils } from "./stencils.ts";
import type { Build } from "./stencils.ts";
import { planGemm } from "./templates/gemm.ts";
import type { GemmPlan } from "./templates/gemm.ts";
import { planCopy, planTranspose } from "./templates/movement.ts";

type GemmForm = Omit<Extract<Step, { kind: "gemm" }>, "kind" | "out" | "scratch">;

function gemmPlan(step: GemmForm, build: Build): GemmPlan {
  const { storage, batch, m, n, k, lhs, rhs } = step;
  return planGemm({
    dtype: storage === "u32" ? "i32" : storage,
    build,
    batch,
    m,
    n,
    k,
    a: { batch: lhs.batchStride, row: lhs.rowStride, k: lhs.colStride },
    b: { batch: rhs.batchStride, k: rhs.rowStride, column: rhs.colStride },
  });
}

/** The compiler of a build, for shared or unshared memory. */
export function createCompiler(build: Build, shared: boolean): Compiler {
  return {
    codegen: {
      emitKernel: (kernel) => emitKernel(kernel, { stencils: loadStencils(build), shared }),
      kernelArgs,
      modules: builtinModules(build).map((bytes) => () => (shared ? bytes() : forUnsharedMemory(bytes()))),
    },
    supports: (step, storage) => storage !== "f16" && (step === "transpose" || storage !== "bool"),
    gemmBytes: (step) => gemmPlan(step, build).tempBytes,
    gemm: (step): TemplateForm => {
      const plan = gemmPlan(step, build);
      if (plan.tempBytes > 0 && step.scratch === null) {
        throw new InternalError(`wasm: a gemm that needs ${plan.tempBytes} temporary bytes (gemmBytes) was given none`);
      }
      const size = STORAGE_BYTES[step.storage];
      const operands = [operandOf(step.lhs, size), operandOf(step.rhs, size), wholePlace(step.out)];
      if (step.scratch !== null) operands.push(wholePlace(step.scratch));
      return {
        argWords: plan.argWords,
        steps: plan.steps,
        operands,
        write: (words, [a, b, c, temp = 0]) => plan.writeArgs(words, 0, { a, b, c, temp }),
      };
    },
    transpose: (step): TemplateForm => {
      const elementBytes = STORAGE_BYTES[step.storage];
      if (elementBytes === 2) throw new InternalError("wasm: a transpose of float16 is a kernel");
      const plan = planTranspose({
        elementBytes,
        batch: step.batch,
        rows: step.rows,
        columns: step.cols,
        rowStride: step.from.rowStride,
        batchStride: step.from.batchStride,
      });
      return {
        argWords: plan.argWords,
        steps: plan.steps,
        operands: [operandOf(step.from, elementBytes), wholePlace(step.out)],
        write: (words, [source, target]) => plan.writeArgs(words, 0, { source, target }),
      };
    },
    copy: (step): TemplateForm => {
      const plan = planCopy(step.bytes);
      return {
        argWords: plan.argWords,
        steps: plan.steps,
        operands: [wholePlace(step.from), wholePlace(step.to)],
        write: (words, [source, target]) => plan.writeArgs(words, 0, { source, target }),
      };
    },
  };
}
