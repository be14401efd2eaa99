// Progress of the main job: a bar on a terminal, a line a step elsewhere.
import { Presets, SingleBar } from "cli-progress";

export class Progress {
  private readonly bar: SingleBar | null;
  private readonly steps: number;
  private done = 0;

  constructor(steps: number) {
    this.steps = steps;
    this.bar = process.stderr.isTTY
      ? new SingleBar(
          { format: "{bar} {value}/{total} {what}", clearOnComplete: true, hideCursor: true },
          Presets.shades_classic,
        )
      : null;
    this.bar?.start(steps, 0, { what: "" });
  }

  /** Announces the step that begins now. */
  step(what: string): void {
    if (this.bar === null) console.error(`[${this.done + 1}/${this.steps}] ${what}`);
    else this.bar.update(this.done, { what });
    this.done++;
  }

  end(): void {
    this.bar?.update(this.steps, { what: "" });
    this.bar?.stop();
  }
}
