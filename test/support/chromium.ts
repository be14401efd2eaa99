// Where the Chromium of the browser projects is: WEFT_CHROMIUM, or the first on the path. Node only; asks nothing of
// the network and downloads nothing.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

type Environment = Readonly<Record<string, string | undefined>>;

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The executable, or null where there is none. A WEFT_CHROMIUM that does not run is not replaced by another one. */
export function findChromium({ WEFT_CHROMIUM: named, PATH = "" }: Environment = process.env): string | null {
  if (named !== undefined && named !== "") return runs(named) ? named : null;
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(runs) ?? null;
}

/** Why there is no Chromium; null where there is one. */
export function chromiumMissing(environment: Environment = process.env): string | null {
  if (findChromium(environment) !== null) return null;
  const named = environment.WEFT_CHROMIUM;
  return named
    ? `WEFT_CHROMIUM names ${named}, which cannot be run`
    : `none of ${NAMES.join(", ")} is on the path, and WEFT_CHROMIUM names none`;
}
