// The two hosts' files side by side: the same exports, nothing at import, macrotasks in order, texts that are kept.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { Platform } from "./platform.ts";
import { changeOf } from "./wait.ts";

const hosts: readonly [string, () => Promise<Platform>][] = [
  ["node", () => import("./platform-node.ts")],
  ["browser", () => import("./platform-browser.ts")],
];

afterEach(() => vi.unstubAllEnvs());

describe.each(hosts)("the platform of %s", (_name, load) => {
  test("says what the host is", async () => {
    const { runtime, defaultThreads, whyUnshared, canSleep } = await load();
    expect(runtime.cores).toBeGreaterThanOrEqual(1);
    expect(defaultThreads).toBeGreaterThanOrEqual(1);
    expect(["string", "object"]).toContain(typeof whyUnshared());
    expect(typeof canSleep).toBe("boolean");
    const before = runtime.now();
    expect(runtime.now()).toBeGreaterThanOrEqual(before);
  });

  test("runs callbacks as macrotasks of their own, in order", async () => {
    const { soon } = await load();
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      for (const name of ["a", "b"]) {
        soon(() => {
          seen.push(name);
          void Promise.resolve().then(() => seen.push(`after ${name}`));
        });
      }
      soon(resolve);
      void Promise.resolve().then(() => seen.push("first"));
    });
    expect(seen).toEqual(["first", "a", "after a", "b", "after b"]);
  });

  test("calls back until it is told to stop", async () => {
    const { holdProcess } = await load();
    let calls = 0;
    await new Promise<void>((resolve) => {
      const release = holdProcess(() => {
        if (++calls < 2) return;
        release();
        resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(calls).toBe(2);
  });

  test("keeps texts", async () => {
    const folder = mkdtempSync(join(tmpdir(), "weft-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", folder);
    const { cache } = (await load()).runtime;
    if (cache === undefined) throw new Error("this host has no cache");
    expect(await cache.load("a/b c")).toBeNull();
    await cache.save("a/b c", "one");
    await cache.save("a/b c", "two");
    expect(await cache.load("a/b c")).toBe("two");
    expect(await cache.load("a")).toBeNull();
    rmSync(folder, { recursive: true });
  });
});

describe("the cache folder of Node", () => {
  test("holds one whole file a name, and what cannot be written is lost without a word", async () => {
    const { cache } = (await import("./platform-node.ts")).runtime;
    const folder = mkdtempSync(join(tmpdir(), "weft-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", folder);
    await Promise.all(["one", "two", "three"].map((text) => cache?.save("../x", text)));
    expect(readdirSync(join(folder, "weft"))).toEqual(["..%2Fx"]);
    const file = join(folder, "file");
    writeFileSync(file, "");
    vi.stubEnv("XDG_CACHE_HOME", file);
    await cache?.save("x", "text");
    expect(await cache?.load("x")).toBeNull();
    rmSync(folder, { recursive: true });
  });
});

describe("waiting for a word", () => {
  const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

  test("ends with a notification", async () => {
    const words = shared();
    const change = changeOf(words, 1, 0, 60_000);
    Atomics.store(words, 1, 5);
    Atomics.notify(words, 1);
    await change;
    expect(changeOf(words, 1, 0, 60_000)).toBeNull();
  });

  test("ends without one where memory is not shared, or the host cannot tell", async () => {
    await changeOf(new Int32Array(2), 1, 0, 60_000);
    vi.stubGlobal("Atomics", { load: (words: Int32Array, at: number) => words[at] });
    try {
      await changeOf(shared(), 1, 0, 60_000);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(typeof Atomics.notify).toBe("function");
  });
});
