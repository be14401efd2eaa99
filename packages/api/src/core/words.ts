// What messages say of a value that a user gave. Reads nothing, evaluates nothing, and never throws.
import { NDArray } from "./array.ts";
import { isTypedArray } from "./host.ts";
import { formatLabel } from "./print.ts";
import { classNameOf, isPlainObject, typedArrayName } from "./realms.ts";

const LONGEST = 40;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** `float32[3,4]`, whatever has become of the array. */
export const labelOf = (array: NDArray): string => (array.disposed ? "a disposed array" : formatLabel(array));

function listInWords(list: readonly unknown[]): string {
  const plain = list.every((item) => item === null || typeof item === "number" || typeof item === "boolean");
  const text = `[${list.map(String).join(", ")}]`;
  return plain && text.length <= LONGEST ? text : `an array of ${list.length}`;
}

function objectInWords(value: object): string {
  if (value instanceof NDArray) return labelOf(value);
  if (Array.isArray(value)) return listInWords(value);
  if (isTypedArray(value)) return `a ${typedArrayName(value)} of ${value.length}`;
  const name = classNameOf(value);
  if (name.startsWith("an NDArray")) return name;
  if (name !== "an object" && !isPlainObject(value)) return `an object of ${cut(name)}`;
  return cut(`{ ${Object.keys(value).join(", ")} }`);
}

/** A few words for any value: `float32[3,4]`, `"text"`, `a function`, `an array of 3`. */
export function inWords(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `"${cut(value)}"`;
    case "function":
      return value.name === "" ? "a function" : `the function ${cut(value.name)}`;
    case "bigint":
      return `the bigint ${value}`;
    case "object":
      try {
        return value === null ? "null" : objectInWords(value);
      } catch {
        return "an object"; // a proxy or a getter of the user's that throws
      }
    default:
      return cut(String(value));
  }
}
