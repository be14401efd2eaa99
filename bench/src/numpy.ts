// NumPy as a peer: one Python process that runs a workload when told to and answers with its milliseconds, so that
// its rounds can be interleaved with ours.
import type { ChildProcessByStdio } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

type Child = ChildProcessByStdio<Writable, Readable, null>;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export class Numpy {
  readonly version: string;
  private readonly child: Child;
  private readonly lines: AsyncIterableIterator<string>;

  private constructor(child: Child, lines: AsyncIterableIterator<string>, version: string) {
    this.child = child;
    this.lines = lines;
    this.version = version;
  }

  /** Starts the peer; null where no Python with NumPy is found. `threads` limits its BLAS. */
  static async start(threads: number): Promise<Numpy | null> {
    const venv = path("../../.venv/bin/python");
    const python = [...(existsSync(venv) ? [venv] : []), "python3"].find(
      (name) => spawnSync(name, ["-c", "import numpy"], { stdio: "ignore" }).status === 0,
    );
    if (python === undefined) return null;
    const env = { ...process.env, OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
    const child = spawn(python, [path("../numpy_peer.py")], { env, stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    return new Numpy(child, lines, String(first.value));
  }

  /** Milliseconds of one run of a workload. */
  async run(workload: string): Promise<number> {
    this.child.stdin.write(`${workload}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`NumPy ended while it ran ${workload}`);
    return Number(value);
  }

  stop(): void {
    this.child.stdin.end();
  }
}
