// Chromium's tabs by its own protocol, for what playwright keeps from a page: being hidden. Playwright tells every page
// that it has the focus, and a page that has it is never frozen.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SWITCHES } from "./browser.ts";
import { findChromium } from "./chromium.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Reply {
  readonly id?: number;
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
  readonly error?: { readonly message: string };
}

/** A tab. */
export interface Tab {
  /** The value of an expression, awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Shows another tab and freezes this one: its timers, messages and workers stop. */
  hide(): Promise<void>;
  /** Lets it go on, and shows it. */
  show(): Promise<void>;
}

export interface Tabs {
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

/** Starts a Chromium of its own; close it when done. */
export async function launchTabs(): Promise<Tabs> {
  const executable = findChromium();
  if (executable === null) throw new Error("there is no Chromium here; ask chromiumMissing() first");
  const profile = mkdtempSync(join(tmpdir(), "weft-tabs-"));
  const chromium = spawn(
    executable,
    ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, ...SWITCHES, "about:blank"],
    { stdio: "ignore", detached: true },
  );
  const exited = new Promise((resolve) => chromium.once("exit", resolve));
  const portFile = join(profile, "DevToolsActivePort");
  // the file is there before its first line is
  const port = (): string | undefined =>
    existsSync(portFile) ? /^(\d+)\n/u.exec(readFileSync(portFile, "utf8"))?.[1] : undefined;
  for (let i = 0; i < 600 && port() === undefined; i++) await sleep(50);
  const found = port();
  if (found === undefined) throw new Error("Chromium has opened no port for its protocol in 30 s");
  const control = `http://127.0.0.1:${found}/json`;
  const made = async (url: string): Promise<{ id: string; webSocketDebuggerUrl: string }> =>
    (await fetch(`${control}/new?${url}`, { method: "PUT" })).json() as Promise<{
      id: string;
      webSocketDebuggerUrl: string;
    }>;
  const activate = async (id: string): Promise<void> => void (await fetch(`${control}/activate/${id}`)).body?.cancel();
  const other = await made("about:blank");

  return {
    open: async (url) => {
      const { id, webSocketDebuggerUrl } = await made(url);
      const socket = new WebSocket(webSocketDebuggerUrl);
      await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      const waiting = new Map<number, (reply: Reply) => void>();
      socket.addEventListener("message", ({ data }) => {
        const reply = JSON.parse(String(data)) as Reply;
        if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
      });
      const send = async (method: string, params: object): Promise<Reply["result"]> => {
        const number = waiting.size + 1;
        const reply = new Promise<Reply>((resolve) => waiting.set(number, resolve));
        socket.send(JSON.stringify({ id: number, method, params }));
        const { result, error } = await reply;
        if (error !== undefined) throw new Error(`${method}: ${error.message}`);
        return result;
      };
      const lifecycle = (state: string): Promise<unknown> => send("Page.setWebLifecycleState", { state });
      const evaluate = async (expression: string): Promise<unknown> => {
        const found = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        if (found?.exceptionDetails !== undefined)
          throw new Error(found.exceptionDetails.exception?.description ?? "the page threw");
        return found?.result?.value;
      };
      // An isolated page moves to a process of its own, and until it has there is nowhere to evaluate anything.
      const loaded = async (): Promise<boolean> =>
        (await evaluate(`location.href === ${JSON.stringify(url)} && document.readyState === "complete"`).catch(
          () => false,
        )) === true;
      for (let i = 0; i < 600 && !(await loaded()); i++) await sleep(50);
      return {
        evaluate,
        hide: async () => {
          await activate(other.id);
          await lifecycle("frozen");
        },
        show: async () => {
          await lifecycle("active");
          await activate(id);
        },
      };
    },
    close: async () => {
      // the executable may be a script that started the browser: its whole group
      if (chromium.pid !== undefined && chromium.exitCode === null) process.kill(-chromium.pid, "SIGTERM");
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
