// Tickets of runs that read what other runs have yet to write: what fails with what, who is asked how often, and that a
// long chain costs what its links cost.
import type { Ticket, WeftError } from "@weft/ir";
import { DeviceError } from "@weft/ir";
import { describe, expect, test } from "vitest";
import { LateTicket } from "./hybrid/late.ts";
import { Dependents, handedOver } from "./tickets.ts";

let asked = 0;

/** A run of a device that ends when told to. */
class Run implements Ticket {
  readonly seq: number;
  private now: Ticket["state"] = "queued";
  error?: WeftError;
  private readonly waiters: (() => void)[] = [];

  constructor(seq: number) {
    this.seq = seq;
  }
  get state(): Ticket["state"] {
    asked++;
    return this.now;
  }
  async wait(): Promise<void> {
    if (this.now === "queued") await new Promise<void>((resolve) => this.waiters.push(resolve));
    this.help();
  }
  help(): void {
    if (this.now === "queued") this.end();
    if (this.error !== undefined) throw this.error;
  }
  end(error?: WeftError): void {
    this.now = error === undefined ? "done" : "failed";
    this.error = error;
    for (const waiter of this.waiters) waiter();
  }
}

const trap = (what: string): DeviceError => new DeviceError(`trap in ${what}`);

/** A device and its runs: `run(reads)` is the next one, which reads from these. */
function device() {
  const all = new Dependents();
  const own: Run[] = [];
  return {
    own,
    run(...reads: Ticket[]): Ticket {
      const ticket = new Run(own.length + 1);
      own.push(ticket);
      return all.add(ticket, new Set(reads.map(handedOver)));
    },
  };
}

describe("a run that reads from others", () => {
  test("is the device's own ticket if it reads nothing that is under way", () => {
    const { run, own } = device();
    expect(run()).toBe(own[0]);
  });

  test("is under way until the device has ended it", () => {
    const { run, own } = device();
    const first = run();
    const second = run(first);
    expect([second.seq, second.state, second.error]).toEqual([2, "queued", undefined]);
    own[0].end();
    expect(second.state).toBe("queued");
    own[1].end();
    expect(second.state).toBe("done");
  });

  test("fails with the first of the runs it reads from, by every way of asking", async () => {
    const { run, own } = device();
    const [a, b, c] = [run(), run(), run()];
    const reader = run(a, b, c);
    const [waits, again] = [reader.wait(), run(reader).wait()];
    own[0].end();
    own[1].end(trap("b"));
    own[2].end(trap("c"));
    own[3].end();
    own[4].end();
    await expect(waits).rejects.toThrow("trap in b");
    await expect(again).rejects.toThrow("trap in b");
    expect(reader.state).toBe("failed");
    expect(reader.error?.message).toBe("trap in b");
    expect(() => reader.help()).toThrow("trap in b");
  });

  test("fails with what it reads rather than with its own trap, which came of that", async () => {
    const { run, own } = device();
    const reader = run(run());
    const waits = reader.wait();
    own[0].end(trap("a"));
    own[1].end(trap("reader"));
    await expect(waits).rejects.toThrow("trap in a");
    expect(() => reader.help()).toThrow("trap in a");
    expect(reader.error?.message).toBe("trap in a");
  });

  test("fails by itself", () => {
    const { run, own } = device();
    const reader = run(run());
    own[0].end();
    own[1].end(trap("reader"));
    expect([reader.state, reader.error?.message]).toEqual(["failed", "trap in reader"]);
  });

  test("does not fail with a run that only came before it", () => {
    const { run, own } = device();
    const [a, b] = [run(), run()];
    const [ofA, ofB] = [run(a), run(b)];
    own[0].end(trap("a"));
    for (const ticket of own.slice(1)) ticket.end();
    expect([ofA.state, ofB.state]).toEqual(["failed", "done"]);
  });

  test("may read what another device sent, once it was handed over", () => {
    const { run, own } = device();
    const late = new LateTicket("a transfer");
    const early = run();
    late.handOver(early);
    const reader = run(late);
    own[0].end(trap("the run behind it"));
    own[1].end();
    expect(reader.error?.message).toBe("trap in the run behind it");
    expect(() => handedOver(new LateTicket("nothing yet"))).toThrow("before what it reads");
  });
});

describe("a chain of 20,000 runs", () => {
  const links = 20_000;
  const chain = () => {
    const { run, own } = device();
    const tickets = [run()];
    for (let i = 1; i < links; i++) tickets.push(run(tickets[i - 1]));
    return { own, tickets };
  };

  test("asks each a few times while none has ended, and when all have", () => {
    asked = 0;
    const { own, tickets } = chain();
    expect(asked).toBeLessThan(4 * links);
    for (const ticket of own) ticket.end();
    asked = 0;
    expect(tickets[links - 1].state).toBe("done");
    expect(asked).toBeLessThan(4 * links);
    asked = 0;
    expect(tickets.every(({ state }) => state === "done")).toBe(true);
    expect(asked).toBeLessThan(4 * links);
  });

  test("fails from the link that failed on", () => {
    const { own, tickets } = chain();
    own.forEach((ticket, i) => ticket.end(i === 777 ? trap("777") : undefined));
    expect(tickets.map(({ state }) => state).indexOf("failed")).toBe(777);
    expect(tickets.filter(({ state }) => state === "failed").length).toBe(links - 777);
    expect(tickets[links - 1].error?.message).toBe("trap in 777");
  });
});
