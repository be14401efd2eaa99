// A host whose clock goes on at every look, so that a test sees how many parts some work has, and not how long they take.

/** What of the host the work takes its turns by. */
interface Turns {
  readonly now: () => number;
  readonly soon: (callback: () => void) => void;
}

/**
 * Runs `act` on such a host; how many macrotasks were asked for meanwhile.
 * @example expect(await countTurns(hostTurns, () => f.compile(x))).toBeGreaterThan(5)
 */
export async function countTurns(hostTurns: (next: Turns) => Turns, act: () => Promise<unknown>): Promise<number> {
  let [clock, turns] = [0, 0];
  const before = hostTurns({
    now: () => clock++,
    soon: (callback) => {
      turns++;
      setTimeout(callback, 0);
    },
  });
  try {
    await act();
  } finally {
    hostTurns(before);
  }
  return turns;
}
