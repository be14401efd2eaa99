// Texts kept from one process to the next in the user's cache folder, one file a name, written by rename so that a reader
// never sees half of one. Loses a text rather than fail: nothing here rejects.
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { env, pid } from "node:process";
import { threadId } from "node:worker_threads";

import type { Runtime } from "@weft/ir";

let writes = 0;

/** Names may hold anything; files may not. */
function fileOf(name: string): string {
  const folder = env.XDG_CACHE_HOME ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(folder, "weft", encodeURIComponent(name));
}

/** The cache of a process's runtime. */
export const keptTexts: NonNullable<Runtime["cache"]> = {
  load: async (name) => {
    try {
      return await readFile(fileOf(name), "utf8");
    } catch {
      return null;
    }
  },
  save: async (name, text) => {
    let temporary: string | null = null;
    try {
      const file = fileOf(name);
      temporary = `${file}.${pid}.${threadId}.${++writes}.tmp`;
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(temporary, text);
      await rename(temporary, file);
    } catch {
      // A read-only home, a full disk: the text is measured or computed again next time.
      if (temporary !== null) await rm(temporary, { force: true }).catch(() => undefined);
    }
  },
};
