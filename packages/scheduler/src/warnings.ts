// Warnings: what costs a program dearly and is easily changed. Each is told once; where they go is the host's to say. Owns
// how they put into words what differs between programs that might be one.

let listen: (message: string) => void = () => undefined;

/** Sets where warnings go: the host's log. */
export function onWarning(listener: (message: string) => void): void {
  listen = listener;
}

export const warn = (message: string): void => listen(message);

/** Values, and things that differ, that a warning names. */
const NAMED = 3;

/** `sizes (a, b, c, …)`: something that differs, with some of its values in the order in which they came. */
export const differing = (what: string, values: readonly string[]): string =>
  `${what} (${values.slice(0, NAMED).join(", ")}${values.length > NAMED ? ", …" : ""})`;

/** The first of what differs, and how much more there is. */
export const firstOf = (found: readonly string[]): string[] =>
  found.length > NAMED ? [...found.slice(0, NAMED), `${found.length - NAMED} more`] : [...found];
