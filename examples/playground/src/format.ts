// Values as text, as a console shows them: arrays as NumPy prints them, wherever they are. Nothing here throws for a
// value it does not know.
import { deviceGet, NDArray } from "@weft/api";

const DEEPEST = 4;
const LONGEST = 100;

const isPending = (array: NDArray): boolean => String(array).endsWith("pending)");

/** The arrays in a value that cannot be printed without waiting for their device. */
function pendingIn(value: unknown, found: Set<NDArray>, depth: number): void {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return;
  if (value instanceof NDArray) {
    if (isPending(value)) found.add(value);
  } else if (!ArrayBuffer.isView(value)) for (const child of Object.values(value)) pendingIn(child, found, depth + 1);
}

/** Text for the values of one console call; a promise of it where a device has to be waited for. */
export function format(values: readonly unknown[]): string | Promise<string> {
  const pending = new Set<NDArray>();
  for (const value of values) pendingIn(value, pending, 0);
  const join = (read: ReadonlyMap<NDArray, NDArray>): string =>
    values.map((value) => (typeof value === "string" ? value : inspect(value, read, 0))).join(" ");
  if (pending.size === 0) return join(new Map());
  const list = [...pending];
  return deviceGet(list).then((read) => join(new Map(list.map((array, i) => [array, read[i]]))));
}

function inspect(value: unknown, read: ReadonlyMap<NDArray, NDArray>, depth: number): string {
  if (value instanceof NDArray) return String(read.get(value) ?? value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name === "" ? "(unnamed)" : value.name}`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (depth > DEEPEST) return "…";
  const more = (length: number): string[] => (length > LONGEST ? [`… ${length - LONGEST} more`] : []);
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    const list = value as ArrayLike<unknown>;
    const items = Array.from({ length: Math.min(list.length, LONGEST) }, (_, i) => inspect(list[i], read, depth + 1));
    return `${Array.isArray(value) ? "" : `${value.constructor.name} `}[${[...items, ...more(list.length)].join(", ")}]`;
  }
  // a class that says what it is, such as a traced graph
  if (value.toString !== Object.prototype.toString) return String(value);
  if (value instanceof Set) return `Set ${inspect([...value], read, depth)}`;
  const entries =
    value instanceof Map
      ? [...value].map(([key, child]) => [inspect(key, read, depth + 1), child] as const)
      : Object.entries(value);
  const { name } = Object(Object.getPrototypeOf(value) as unknown).constructor ?? Object;
  const kind = name === "Object" ? "" : `${name} `;
  if (entries.length === 0) return `${kind}{}`;
  const items = entries.slice(0, LONGEST).map(([key, child]) => `${key}: ${inspect(child, read, depth + 1)}`);
  const text = [...items, ...more(entries.length)];
  return text.some((item) => item.includes("\n"))
    ? `${kind}{\n${text.join(",\n")}\n}`
    : `${kind}{ ${text.join(", ")} }`;
}
