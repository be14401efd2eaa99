// The page: wires the editor, the session with the worker, the device switch and the sections of the output. Owns what
// the page knows (program, device, picture, timings); how things look and run is the other files' business.
import type { MemoryReport } from "@weft/api";
import { formatMilliseconds, lanesChart, timingsChart } from "./charts.ts";
import { compile } from "./compile.ts";
import type { Editor } from "./editor.ts";
import { createEditor } from "./editor.ts";
import { Output } from "./output.ts";
import { Camera, drawnPicture, readPicture, watchPictures } from "./pictures.ts";
import { drawPlan, stepColour } from "./plan-picture.ts";
import { PROGRAMS } from "./programs/index.ts";
import type { DeviceState, Lanes, Plan, Report, Timing } from "./protocol.ts";
import { Session } from "./session.ts";
import { decodeCode, encodeCode } from "./share.ts";

const SOURCES = import.meta.glob<string>("./programs/*.ts", { query: "?raw", import: "default", eager: true });
const sourceOf = (name: string): string => SOURCES[`./programs/${name}.ts`] ?? "";

function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as E;
}

/** What the page knows. */
const state = {
  program: PROGRAMS[0].name,
  /** What the reader made of each program. */
  drafts: new Map<string, string>(),
  device: "wasm",
  devices: [] as readonly DeviceState[],
  exported: null as readonly string[] | null,
  picture: drawnPicture(),
  timings: [] as Timing[],
  /** The code that ran last, which the timings are of. */
  timed: "",
  /** Devices that are still to run the program. */
  queue: [] as string[],
  /** Whether a program is to run as soon as the devices are open. */
  eager: true,
  camera: null as Camera | null,
};

const output = new Output(byId("log"), (place) => editor.go(place));
const parameters = new URLSearchParams(location.search);
const session = new Session(hear, { software: parameters.has("software"), quick: parameters.has("quick") });
const editor: Editor = createEditor({
  parent: byId("editor"),
  run: () => run(),
  changed,
  mistakes: (code) => {
    const compiled = compile(code, state.exported);
    return "mistakes" in compiled ? compiled.mistakes : [];
  },
});

// Running --------------------------------------------------------------------------------------------------------

let ticking = 0;
function busy(since: number | null, text: string): void {
  clearInterval(ticking);
  byId("stop").hidden = since === null;
  byId<HTMLButtonElement>("run").disabled = since !== null || state.devices.length === 0;
  const show = (): void => {
    const seconds = since === null ? 0 : (performance.now() - since) / 1000;
    byId("state").textContent = since === null || seconds < 1 ? text : `${text} ${seconds.toFixed(0)} s`;
  };
  document.body.dataset.state = since === null ? "idle" : "busy";
  show();
  if (since !== null) ticking = window.setInterval(show, 250);
}

function run(devices: readonly string[] = [state.device]): void {
  if (session.running || state.devices.length === 0) return;
  const code = editor.code();
  const compiled = compile(code, state.exported);
  output.clear();
  if (state.timed !== code) state.timings = [];
  state.timed = code;
  if ("mistakes" in compiled) {
    state.queue = [];
    editor.check();
    for (const { from, message } of compiled.mistakes.slice(0, 3)) {
      const before = code.slice(0, from).split("\n");
      output.failure({
        name: "SyntaxError",
        message,
        place: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      });
    }
    busy(null, "");
    return;
  }
  for (const section of ["plan", "lanes"]) byId(section).hidden = true;
  state.queue = [...devices];
  next(compiled.code);
}

/** Runs the program on the next device of the queue. */
function next(code: string): void {
  const device = state.queue.shift();
  if (device === undefined) return;
  busy(performance.now(), `Running on ${device}…`);
  output.clear();
  pending = code;
  running = device;
  session.run({ kind: "run", code, device, picture: state.picture });
}
let pending = "";
let running = "";

function stop(): void {
  state.queue = [];
  state.eager = false;
  session.start();
  output.line("warn", "Stopped. The devices are opened anew.");
  opening();
}

function opening(): void {
  state.devices = [];
  drawDevices();
  busy(null, "Opening devices…");
}

function hear(report: Report): void {
  switch (report.kind) {
    case "ready":
      state.devices = report.devices;
      state.exported = report.exported;
      if (isMissing(state.device)) state.device = "wasm";
      drawDevices();
      busy(null, "");
      editor.check();
      if (state.eager) run();
      break;
    case "log":
      output.line(report.level, report.text);
      break;
    case "picture":
      output.picture(report.bitmap, report.title, report.type);
      break;
    case "plot":
      output.plot(report.plot);
      break;
    case "timing":
      state.timings = [
        ...state.timings.filter(({ name, device }) => name !== report.timing.name || device !== report.timing.device),
        report.timing,
      ];
      drawTimings();
      break;
    case "trace":
      drawLanes(report.trace);
      break;
    case "plan":
      drawPlanOf(report.plan);
      break;
    case "live":
      drawSource();
      break;
    case "frame":
      drawFrame(report.bitmap, report.milliseconds);
      break;
    case "failed":
      state.queue = [];
      output.failure(report.failure);
      // what failed may have been changed since
      if (report.failure.place !== null && editor.code() === state.timed)
        editor.mark(report.failure.place, `${report.failure.name}: ${report.failure.message}`);
      busy(null, state.devices.length === 0 ? "The devices did not open" : `Failed on ${running}`);
      break;
    case "done":
      drawMemory(report.memory);
      busy(null, `Ran on ${running} in ${formatMilliseconds(report.milliseconds)}`);
      next(pending);
      break;
  }
}

// Programs -------------------------------------------------------------------------------------------------------

function changed(): void {
  state.drafts.set(state.program, editor.code());
  drawSource();
}

function open(name: string, code?: string): void {
  state.program = name;
  const program = PROGRAMS.find((one) => one.name === name);
  byId("title").textContent = program?.title ?? "Shared";
  byId("subtitle").textContent = program?.subtitle ?? "A program from a link. Read it, then run it.";
  editor.replace(code ?? state.drafts.get(name) ?? sourceOf(name));
  byId("reset").hidden = program === undefined;
  state.timings = [];
  for (const section of ["timings", "plan", "lanes"]) byId(section).hidden = true;
  output.clear();
  for (const link of byId("programs").querySelectorAll("a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  stopCamera();
  drawSource();
}

async function openAddress(): Promise<void> {
  const code = await decodeCode(location.hash);
  const name = location.hash.slice(1);
  state.eager = code === null;
  if (code !== null) open("shared", code);
  else open(PROGRAMS.some((one) => one.name === name) ? name : PROGRAMS[0].name);
  if (session.running) stop();
  else if (state.eager) run();
}

async function share(): Promise<void> {
  const button = byId("share");
  const { program } = state;
  const isPlain = editor.code() === sourceOf(program);
  history.replaceState(null, "", `#${isPlain ? program : await encodeCode(editor.code())}`);
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Link copied";
  } catch {
    button.textContent = "Link in the address";
  }
  setTimeout(() => (button.textContent = "Share"), 2000);
}

for (const [i, { name, title }] of PROGRAMS.entries()) {
  const link = document.createElement("a");
  link.href = `#${name}`;
  const number = document.createElement("span");
  number.textContent = String(i + 1);
  link.append(number, title);
  byId("programs").append(link);
}

// Devices --------------------------------------------------------------------------------------------------------

const isMissing = (name: string): boolean => state.devices.find((device) => device.name === name)?.missing !== null;

function drawDevices(): void {
  const choices = ["wasm", "webgpu", "auto"].map((name) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const missing = state.devices.find((device) => device.name === name)?.missing;
    Object.assign(input, {
      type: "radio",
      name: "device",
      value: name,
      checked: name === state.device,
      disabled: missing !== null,
    });
    input.addEventListener("change", () => choose(name));
    label.append(input, name);
    if (typeof missing === "string") label.title = `${name} is missing: ${missing}`;
    return label;
  });
  byId("devices").replaceChildren(byId("devices").firstElementChild ?? "", ...choices);
  const facts = state.devices.map(
    ({ name, detail, missing }) =>
      [name, missing === null ? detail : `missing: ${missing}`, missing === null ? "" : "missing"] as const,
  );
  list(byId("facts"), facts.length === 0 ? [["devices", "being opened…", ""]] : facts);
}

function choose(device: string): void {
  state.device = device;
  if (session.running) return;
  run();
}

/** Terms and what they are. */
function list(parent: HTMLElement, facts: readonly (readonly [term: string, text: string, className: string])[]): void {
  parent.replaceChildren(
    ...facts.flatMap(([term, text, className]) => {
      const name = document.createElement("dt");
      name.textContent = term;
      const value = document.createElement("dd");
      value.textContent = text;
      value.className = className;
      return [name, value];
    }),
  );
}

const formatBytes = (bytes: number): string =>
  bytes >= 2 ** 20
    ? `${(bytes / 2 ** 20).toFixed(1)} MiB`
    : bytes >= 1024
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${bytes} bytes`;

function drawMemory({ device, arrays, bytes, cachedBytes, reservedBytes, plans, largest }: MemoryReport): void {
  list(byId("memory"), [
    [`arrays on ${device}`, `${arrays}, ${formatBytes(bytes)}`, ""],
    ["largest", largest.length === 0 ? "none" : largest.slice(0, 3).join(", "), ""],
    ["kept results", formatBytes(cachedBytes), ""],
    ["taken from the host", formatBytes(reservedBytes), ""],
    ["plans", String(plans), ""],
  ]);
}

// Sections -------------------------------------------------------------------------------------------------------

const widthOf = (element: HTMLElement): number => Math.max(260, element.clientWidth);

function drawTimings(): void {
  byId("timings").hidden = state.timings.length === 0;
  if (state.timings.length === 0) return;
  const chart = byId("timings-chart");
  chart.replaceChildren(timingsChart(state.timings, widthOf(chart)));
}

function drawLanes(trace: Lanes): void {
  byId("lanes").hidden = trace.spans.length === 0;
  if (trace.spans.length === 0) return;
  const chart = byId("lanes-chart");
  chart.replaceChildren(lanesChart(trace, widthOf(chart)));
  const link = byId<HTMLAnchorElement>("lanes-file");
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([trace.json], { type: "application/json" }));
}

function drawPlanOf({ view, text, graph }: Plan): void {
  byId("plan").hidden = false;
  const { svg, whole } = drawPlan(view);
  byId("graph").replaceChildren(svg);
  const { length: steps } = view.steps;
  byId("plan-note").textContent =
    `${view.nodes.filter((node) => node.kind === "operation").length} operations, ${steps} ${steps === 1 ? "step" : "steps"} on ${view.device}${whole ? "" : "; drawn by steps"}`;
  byId("plan-text").textContent = `${text}\n\n${graph}`;
  byId("steps").replaceChildren(
    ...view.steps.map(({ device, title, shape, bytesRead, bytesWritten }, i) => {
      const item = document.createElement("li");
      item.style.setProperty("--colour", stepColour(i));
      const what = document.createElement("span");
      what.textContent = `${title} → [${shape.join(",")}]`;
      const cost = document.createElement("small");
      cost.textContent = `${device}, reads ${formatBytes(bytesRead)}, writes ${formatBytes(bytesWritten)}`;
      item.append(what, " ", cost);
      return item;
    }),
  );
}

// Pictures and the camera ----------------------------------------------------------------------------------------

function drawSource(): void {
  byId("source").hidden = !/\b(picture|live)\b/.test(editor.code());
  byId("drawn").hidden = !state.drafts.has("picture");
}

function note(text: string): void {
  byId("source-note").textContent = text;
}
const PICTURE_NOTE = "Drop or paste a picture of yours; it stays on this page.";

async function takePicture(file: Blob): Promise<void> {
  try {
    state.picture = await readPicture(file);
  } catch (error) {
    note((error as Error).message);
    return;
  }
  note(
    `${file instanceof File ? file.name : "Your picture"}, ${state.picture.width}×${state.picture.height}. ${PICTURE_NOTE}`,
  );
  byId("drawn").hidden = false;
  if (byId("source").hidden) location.hash = "#blur";
  else run();
}

function takeDrawn(): void {
  state.picture = drawnPicture();
  byId("drawn").hidden = true;
  note(PICTURE_NOTE);
  run();
}

function stopCamera(): void {
  state.camera?.close();
  state.camera = null;
  byId("live").hidden = true;
  byId("camera").setAttribute("aria-pressed", "false");
}

async function toggleCamera(): Promise<void> {
  if (state.camera !== null) {
    stopCamera();
    return;
  }
  try {
    state.camera = await Camera.open(
      () => session.wantsFrame,
      (frame) => session.frame(frame),
    );
    byId("camera").setAttribute("aria-pressed", "true");
    note(PICTURE_NOTE);
  } catch (error) {
    note((error as Error).message);
  }
}

/** Frames a second, smoothed. */
let pace = { at: 0, milliseconds: 0, between: 0 };
function drawFrame(bitmap: ImageBitmap, milliseconds: number): void {
  const canvas = byId<HTMLCanvasElement>("live-canvas");
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height)
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  const now = performance.now();
  const smooth = (before: number, value: number): number => (before === 0 ? value : before * 0.9 + value * 0.1);
  pace = {
    at: now,
    milliseconds: smooth(pace.milliseconds, milliseconds),
    between: pace.at === 0 ? 0 : smooth(pace.between, now - pace.at),
  };
  byId("live").hidden = state.camera === null;
  byId("live-note").textContent =
    `${canvas.width}×${canvas.height} on ${running}: ${formatMilliseconds(pace.milliseconds)} a frame${pace.between === 0 ? "" : `, ${(1000 / pace.between).toFixed(0)} frames a second`}`;
}

// The page -------------------------------------------------------------------------------------------------------

if (!crossOriginIsolated) {
  const banner = byId("banner");
  banner.hidden = false;
  banner.textContent =
    "This page is not cross-origin isolated, so the WASM device has one thread. The headers that give it more: Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.";
}
byId("shortcut").textContent = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘↵" : "Ctrl ↵";
byId("run").addEventListener("click", () => run());
byId("stop").addEventListener("click", stop);
byId("share").addEventListener("click", () => void share());
byId("reset").addEventListener("click", () => {
  state.drafts.delete(state.program);
  open(state.program);
  run();
});
byId("compare").addEventListener("click", () =>
  run(state.devices.filter(({ missing }) => missing === null).map(({ name }) => name)),
);
byId("camera").addEventListener("click", () => void toggleCamera());
byId("drawn").addEventListener("click", takeDrawn);
byId<HTMLInputElement>("file").addEventListener("change", ({ target }) => {
  const [file] = (target as HTMLInputElement).files ?? [];
  if (file !== undefined) void takePicture(file);
});
watchPictures(
  (file) => void takePicture(file),
  (isOver) => (byId("drop").hidden = !isOver),
);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented) run();
});
addEventListener("hashchange", () => void openAddress());
let lastWidth = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === lastWidth) return;
  lastWidth = innerWidth;
  drawTimings();
});
note(PICTURE_NOTE);
opening();
session.start();
void openAddress();
