// What the rest of api asks of whatever evaluates graphs: the one seam between handles and the scheduler.
import type { Aval, Node, Value } from "@weft/ir";
import type { HostArray } from "../core/host.ts";

/** A device as api sees it. Everything but reading returns at once. */
export interface Engine {
  readonly id: string;
  readonly threads: number;
  /** Whether synchronous reads work. */
  readonly canBlock: boolean;
  /** A value that holds a copy of host data. */
  upload(of: Aval, data: HostArray): Value;
  /** Starts the evaluation of all roots as one plan; afterwards each has a value. */
  evaluate(roots: readonly Node[]): void;
  read(of: Aval, value: Value): Promise<HostArray>;
  readSync(of: Aval, value: Value): HostArray;
}
