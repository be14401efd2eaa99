// Pipelines by their WGSL, and bind group layouts by the access of their bindings. Compiles ahead and in parallel;
// a shader that does not compile is remembered with its reason. One instance an opening of the device.
import { DeviceError } from "@weft/ir";

import { STAGE_COMPUTE } from "./constants.ts";
import { COMPILES_IN_FLIGHT, PIPELINES_KEPT } from "./limits.ts";
import type { Tracing } from "./tracing.ts";

/** What a pipeline is made from. Binding 0 is the params uniform with a dynamic offset; 1… are storage buffers. */
export interface Shader {
  readonly code: string;
  /** One a storage buffer. */
  readonly writable: readonly boolean[];
  /** For messages: what the shader computes. */
  readonly describe: () => string;
}

/** A pipeline that is compiled, being compiled, or cannot be. */
export interface Compiled {
  pipeline: GPUComputePipeline | null;
  readonly layout: GPUBindGroupLayout;
  error: DeviceError | null;
  /** Of a pipeline that was made at once: resolves when the device has said whether its text is right. Null then. */
  proof: Promise<void> | null;
  /** Resolves, never rejects, when one of the two is set. */
  readonly settled: Promise<void>;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const accessOf = ({ writable }: Shader): string => writable.map((it) => (it ? "w" : "r")).join("");

/** What is wrong, what was to be computed, and the text with its lines numbered. */
function failure({ code, describe }: Shader, reasons: readonly string[], cause: unknown): DeviceError {
  const numbered = code.split("\n").map((line, i) => `${String(i + 1).padStart(4)}  ${line}`);
  return new DeviceError(
    `webgpu: a shader does not compile: ${reasons.join("; ")}\n${describe()}\n${numbered.join("\n")}`,
    { cause },
  );
}

/** The pipelines of one opening of the device. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #tracing: Tracing;
  readonly #layouts = new Map<string, { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout }>();
  readonly #compiled = new Map<string, Compiled>();
  readonly #queue: (() => void)[] = [];
  #inFlight = 0;
  /** Proofs that have not come, and what follows from them: work does not pass for done before. */
  readonly proofs = new Set<Promise<void>>();
  compiledCount = 0;
  compileMs = 0;
  codeBytes = 0;

  constructor(device: GPUDevice, tracing: Tracing) {
    this.#device = device;
    this.#tracing = tracing;
  }

  /** The pipeline of a shader; compiling begins unless the same text is known. */
  get(shader: Shader): Compiled {
    const access = accessOf(shader);
    const key = `${access}:${shader.code}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) {
      // last in the order of use
      this.#compiled.delete(key);
      this.#compiled.set(key, known);
      return known;
    }
    if (this.#compiled.size >= PIPELINES_KEPT)
      for (const [oldest] of [...this.#compiled].slice(0, PIPELINES_KEPT / 4)) this.#compiled.delete(oldest);
    const layouts = this.#layoutsOf(access);
    let done = (): void => {};
    const settled = new Promise<void>((resolve) => (done = resolve));
    const compiled: Compiled = { pipeline: null, layout: layouts.group, error: null, proof: null, settled };
    this.#compiled.set(key, compiled);
    this.#queue.push(() => void this.#compile(shader, layouts.pipeline, compiled).then(done));
    this.#next();
    return compiled;
  }

  /**
   * Compiles it before it returns, unless that is done. Whether the text is right comes out later: what runs with it
   * may not pass for done before its proof.
   */
  finish(shader: Shader, compiled: Compiled): void {
    if (compiled.pipeline !== null || compiled.error !== null) return;
    const device = this.#device;
    const from = this.#tracing.now();
    this.#count(shader);
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ code: shader.code });
    const { pipeline: layout } = this.#layoutsOf(accessOf(shader));
    compiled.pipeline = device.createComputePipeline({ layout, compute: { module, entryPoint: "main" } });
    const proof = device
      .popErrorScope()
      .catch(() => null)
      .then((error) => {
        if (error !== null) compiled.error = failure(shader, [error.message], error);
        compiled.proof = null;
      });
    compiled.proof = proof;
    this.expect(proof);
    this.#compiledSince(from, shader);
  }

  /** Has work pass for done only after it; it does not reject. */
  expect(proof: Promise<void>): void {
    this.proofs.add(proof);
    void proof.then(() => this.proofs.delete(proof));
  }

  #compiledSince(from: number, { describe }: Shader): void {
    this.compileMs += this.#tracing.now() - from;
    if (this.#tracing.tracer !== null) this.#tracing.span("compiler", describe().split(":", 1)[0], from);
  }

  #count({ code }: Shader): void {
    this.compiledCount++;
    this.codeBytes += code.length;
  }

  #next(): void {
    while (this.#inFlight < COMPILES_IN_FLIGHT) {
      const start = this.#queue.shift();
      if (start === undefined) return;
      this.#inFlight++;
      start();
    }
  }

  async #compile(shader: Shader, layout: GPUPipelineLayout, compiled: Compiled): Promise<void> {
    const device = this.#device;
    const from = this.#tracing.now();
    try {
      // it was wanted at once, and is there
      if (compiled.pipeline !== null) return;
      this.#count(shader);
      // What is wrong with the text comes with the module's messages; without the scope it would come a second time.
      device.pushErrorScope("validation");
      const module = device.createShaderModule({ code: shader.code });
      const complaint = device.popErrorScope();
      try {
        compiled.pipeline = await device.createComputePipelineAsync({
          layout,
          compute: { module, entryPoint: "main" },
        });
        void complaint.catch(() => {});
      } catch (error) {
        const reasons = [messageOf(error)];
        const first = await complaint.catch(() => null);
        if (first !== null) reasons.unshift(first.message);
        compiled.error = failure(shader, reasons, error);
      }
    } catch (error) {
      compiled.error = failure(shader, [messageOf(error)], error);
    } finally {
      this.#compiledSince(from, shader);
      this.#inFlight--;
      this.#next();
    }
  }

  #layoutsOf(access: string): { group: GPUBindGroupLayout; pipeline: GPUPipelineLayout } {
    const known = this.#layouts.get(access);
    if (known !== undefined) return known;
    const entries: GPUBindGroupLayoutEntry[] = [
      { binding: 0, visibility: STAGE_COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } },
      ...[...access].map((letter, i): GPUBindGroupLayoutEntry => ({
        binding: i + 1,
        visibility: STAGE_COMPUTE,
        buffer: { type: letter === "w" ? "storage" : "read-only-storage" },
      })),
    ];
    const group = this.#device.createBindGroupLayout({ entries });
    const made = { group, pipeline: this.#device.createPipelineLayout({ bindGroupLayouts: [group] }) };
    this.#layouts.set(access, made);
    return made;
  }
}
