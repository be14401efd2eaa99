// NumPy's times for the same programs, where a Python with NumPy is found; nothing otherwise.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Numpy {
  readonly version: string;
  readonly times: Readonly<Record<string, number>>;
}

const SCRIPT = fileURLToPath(new URL("../numpy_article.py", import.meta.url));
const VENV = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));

/** Finds `.venv/bin/python`, then `python3`, that can import numpy. */
export function findPython(): string | null {
  const candidates = [...(existsSync(VENV) ? [VENV] : []), "python3"];
  return (
    candidates.find((python) => spawnSync(python, ["-c", "import numpy"], { stdio: "ignore" }).status === 0) ?? null
  );
}

/** Runs the four programs in NumPy; null where there is none or it fails (too little memory, say). */
export function runNumpy(python: string, quick: boolean, height: number, width: number): Numpy | null {
  const result = spawnSync(python, [SCRIPT, quick ? "quick" : "full", String(height), String(width)], {
    encoding: "utf8",
    maxBuffer: 1 << 20,
  });
  if (result.status !== 0) return null;
  return JSON.parse(result.stdout) as Numpy;
}
