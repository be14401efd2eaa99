// The graph and its plan as a picture: operations as boxes in the colour of the kernel they were fused into. Graphs too
// large to read are drawn by steps instead. Owns drawing; where boxes go is layout.ts.
import type { PlanView } from "@weft/api";
import type { Layout } from "./layout.ts";
import { layout } from "./layout.ts";

/** Operations beyond which steps are drawn instead. */
const MOST_OPERATIONS = 64;
const LAYER = 52;
const BOX = 30;
const MARGIN = 12;
const CHARACTER = 7.3;
const COLOURS = 8;
const LONGEST = 34;
const NAMESPACE = "http://www.w3.org/2000/svg";

interface Drawn {
  readonly label: string;
  readonly note: string;
  readonly reads: readonly number[];
  /** The step, for its colour; −1 for inputs. */
  readonly step: number;
  readonly isOutput: boolean;
}

/** A style sheet's colour of a step. */
export const stepColour = (step: number): string => `var(--step-${step % COLOURS})`;

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
const short = (value: number): string => String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));

/** float32[2,3] as f32[2,3]. */
const shortType = (type: string): string =>
  type.replace("float", "f").replace("uint", "u").replace("int", "i").replace("*", "");

function operations({ nodes }: PlanView): Drawn[] {
  return nodes.map(({ name, type, operands, numbers, steps, isOutput }) => ({
    label: [name, ...numbers.map(short)].join(" "),
    note: shortType(type),
    reads: operands,
    step: steps[0] ?? -1,
    isOutput,
  }));
}

/** Inputs, then steps; a step reads those whose values its operations read. */
function stepsOf({ nodes, steps }: PlanView): Drawn[] {
  const inputs = nodes.filter((node) => node.kind === "input");
  const place = new Map(inputs.map((node, i) => [nodes.indexOf(node), i]));
  const reads = steps.map(() => new Set<number>());
  nodes.forEach(({ operands, steps: own }) => {
    for (const step of own) {
      for (const operand of operands) {
        const input = place.get(operand);
        const before = nodes[operand].steps.filter((other) => other < step);
        if (input !== undefined) reads[step].add(input);
        else if (!nodes[operand].steps.includes(step) && before.length > 0)
          reads[step].add(inputs.length + before[before.length - 1]);
      }
    }
  });
  const outputs = new Set(nodes.flatMap((node) => (node.isOutput ? node.steps.slice(-1) : [])));
  return [
    ...inputs.map(({ type }): Drawn => ({
      label: "input",
      note: shortType(type),
      reads: [],
      step: -1,
      isOutput: false,
    })),
    ...steps.map(({ title, shape }, i): Drawn => ({
      label: `${i + 1}  ${shorten(title)}`,
      note: `[${shape.join(",")}]`,
      reads: [...reads[i]].sort((a, b) => a - b),
      step: i,
      isOutput: outputs.has(i),
    })),
  ];
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: (Node | string)[]
): SVGElement {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

const widthOf = ({ label, note }: Drawn): number =>
  Math.max(label.length * CHARACTER, note.length * CHARACTER * 0.82) + 22;
const middle = (layer: number): number => MARGIN + BOX / 2 + 8 + layer * LAYER;

function linesOf({ lines }: Layout): SVGElement[] {
  return lines.map(({ points, from, to }) => {
    let path = "";
    points.forEach((point, i) => {
      const [x, y] = [point.x + MARGIN, middle(point.y)];
      const end = i === points.length - 1 ? y - BOX / 2 - 1 : i === 0 ? y + BOX / 2 + 8 : y;
      if (i === 0) {
        path = `M${x.toFixed(1)},${end}`;
        return;
      }
      const before = points[i - 1];
      const start = i === 1 ? middle(before.y) + BOX / 2 + 8 : middle(before.y);
      const bend = (end - start) / 2;
      path += `C${(before.x + MARGIN).toFixed(1)},${start + bend} ${x.toFixed(1)},${end - bend} ${x.toFixed(1)},${end}`;
    });
    return element("path", { d: path, class: "line", "data-from": from, "data-to": to });
  });
}

/** What was drawn. */
export interface PlanPicture {
  readonly svg: SVGElement;
  /** Whether every operation has a box of its own. */
  readonly whole: boolean;
}

/** Draws a plan. */
export function drawPlan(view: PlanView): PlanPicture {
  const whole = view.nodes.length <= MOST_OPERATIONS;
  const drawn = whole ? operations(view) : stepsOf(view);
  const found = layout(drawn.map((one) => ({ width: widthOf(one), reads: one.reads })));
  const boxes = drawn.map((one, i) => {
    const { x, y } = found.boxes[i];
    const width = widthOf(one);
    const colour = one.step < 0 ? "var(--soft)" : stepColour(one.step);
    const at = { x: x + MARGIN, "text-anchor": "middle" };
    return element(
      "g",
      {
        class: `box${one.step < 0 ? " input" : ""}${one.isOutput ? " output" : ""}`,
        style: `--colour: ${colour}`,
        "data-step": one.step,
      },
      element("rect", {
        x: x + MARGIN - width / 2,
        y: middle(y) - BOX / 2,
        width,
        height: BOX + 8,
        rx: one.step < 0 ? 19 : 7,
      }),
      element("text", { ...at, y: middle(y) - 1, class: "label" }, one.label),
      element("text", { ...at, y: middle(y) + 13, class: "note" }, one.note),
      element(
        "title",
        {},
        `${one.label} ${one.note}${one.step < 0 ? "" : `, step ${one.step + 1} on ${view.steps[one.step].device}`}`,
      ),
    );
  });
  const [width, height] = [found.width + 2 * MARGIN, found.layers * LAYER + 2 * MARGIN];
  const label = `${drawn.length} boxes in ${found.layers} layers: ${whole ? "operations" : "steps"} of ${view.name}`;
  const svg = element(
    "svg",
    {
      viewBox: `0 0 ${Math.ceil(width)} ${height}`,
      style: `--width: ${Math.ceil(width)}px`,
      role: "img",
      "aria-label": label,
    },
    ...linesOf(found),
    ...boxes,
  );
  return { svg, whole };
}
