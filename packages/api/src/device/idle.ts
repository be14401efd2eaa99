// When the host has nothing better to do: for measurements, which must neither hold anything up nor keep a process alive.

/** What of the host is used, where it is there. */
interface Host {
  setTimeout(run: () => void, milliseconds: number): unknown;
  requestIdleCallback?(run: () => void): unknown;
}

/** Resolves in idle time, and not before so many milliseconds. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const host = globalThis as unknown as Host;
    const timer = host.setTimeout(() => {
      if (host.requestIdleCallback === undefined) resolve();
      else host.requestIdleCallback(resolve);
    }, milliseconds);
    // a timer of Node keeps its process alive unless told not to
    if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
      timer.unref();
  });
