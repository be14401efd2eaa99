// What a program leaves on the page: lines, pictures, line charts and failures, in the order in which they came. Owns
// the log's elements, and how many of them there may be.
import { linesChart } from "./charts.ts";
import type { Place } from "./compile.ts";
import type { Failure, Level, Lines } from "./protocol.ts";

/** Entries beyond which the oldest go. */
const MOST = 400;
/** Characters of one entry beyond which the rest goes. */
const LONGEST = 20_000;

export class Output {
  private readonly log: HTMLElement;
  private readonly go: (place: Place) => void;
  private dropped = 0;

  constructor(log: HTMLElement, go: (place: Place) => void) {
    this.log = log;
    this.go = go;
  }

  clear(): void {
    this.log.replaceChildren();
    this.dropped = 0;
  }

  line(level: Level, text: string): void {
    const line = document.createElement("pre");
    line.className = `line ${level}`;
    line.textContent =
      text.length > LONGEST ? `${text.slice(0, LONGEST)}… ${text.length - LONGEST} characters more` : text;
    this.add(line);
  }

  picture(bitmap: ImageBitmap, title: string, type: string): void {
    const figure = document.createElement("figure");
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", title === "" ? `a picture, ${type}` : title);
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
    const caption = document.createElement("figcaption");
    const note = document.createElement("span");
    note.textContent = type;
    caption.append(title, " ", note);
    figure.append(canvas, caption);
    // pictures that follow each other stand side by side
    const last = this.log.lastElementChild;
    if (last?.className === "pictures") last.append(figure);
    else {
      const row = document.createElement("div");
      row.className = "pictures";
      row.append(figure);
      this.add(row);
    }
  }

  plot(plot: Lines): void {
    const chart = document.createElement("div");
    chart.className = "chart lines";
    this.add(chart);
    chart.append(linesChart(plot, Math.max(260, Math.min(640, chart.clientWidth))));
  }

  failure({ name, message, place }: Failure): void {
    const entry = document.createElement("div");
    entry.className = "failure";
    const title = document.createElement("strong");
    title.textContent = name;
    const text = document.createElement("p");
    text.textContent = message;
    entry.append(title, text);
    if (place !== null) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = `line ${place.line}`;
      button.addEventListener("click", () => this.go(place));
      title.after(" ", button);
    }
    this.add(entry);
  }

  private add(entry: HTMLElement): void {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    this.log.append(entry);
    if (this.log.childElementCount > MOST) {
      this.log.firstElementChild?.remove();
      this.dropped++;
      this.log.dataset.dropped = String(this.dropped);
    }
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }
}
