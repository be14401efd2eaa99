// Buffers that are larger than a binding may be, where nothing says which part of them a shader reaches: they are bound in
// pieces of a power of two elements, and functions find the piece of an element. Used by kernels and by templates.

/** How the words of one buffer are bound. */
export interface Binding {
  readonly name: string;
  /** Type of its elements: those of the array that is bound. */
  readonly type: string;
  readonly access: "read" | "read_write";
  /** Bindings that follow one another; 1 for a buffer that is bound as it is. */
  readonly pieces: number;
}

const nameOf = ({ name }: Binding, piece: number): string => (piece === 0 ? name : `${name}_${piece}`);

/** The declarations of all bindings, from number 1 on: 0 is the uniform. */
export const declared = (buffers: readonly Binding[]): string[] =>
  buffers
    .flatMap((buffer) => Array.from({ length: buffer.pieces }, (_, piece) => [buffer, nameOf(buffer, piece)] as const))
    .map(
      ([{ type, access }, name], i) => `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${type}>;`,
    );

/** An element as an expression; `at` is of type `of`. */
export const elementAt = ({ name, pieces }: Pick<Binding, "name" | "pieces">, at: string, of: "i32" | "u32"): string =>
  pieces === 1 ? `${name}[${at}]` : `${name}_at(${of === "i32" ? `u32(${at})` : at})`;

/** The statement that writes an element. */
export const elementSet = (
  { name, pieces }: Pick<Binding, "name" | "pieces">,
  at: string,
  of: "i32" | "u32",
  value: string,
): string =>
  pieces === 1 ? `${name}[${at}] = ${value};` : `${name}_set(${of === "i32" ? `u32(${at})` : at}, ${value});`;

/** A function that does something with the piece that has word `i`. */
function overPieces(buffer: Binding, head: string, shift: number, body: (word: string) => string): string[] {
  const within = `i & ${2 ** shift - 1}u`;
  const last = buffer.pieces - 1;
  const cases = Array.from({ length: last }, (_, piece) => {
    const text = body(`${nameOf(buffer, piece)}[${within}]`);
    return `    case ${piece}u: { ${text} }`;
  });
  return [
    `fn ${buffer.name}_${head} {`,
    `  switch i >> ${shift}u {`,
    ...cases,
    `    default: { ${body(`${nameOf(buffer, last)}[${within}]`)} }`,
    `  }`,
    `}`,
  ];
}

/** The functions that reach the elements of a buffer in pieces of so many bytes; none for one that is whole. */
export function piecesText(buffer: Binding, bytes: number): string[] {
  const { type, access, pieces } = buffer;
  if (pieces === 1) return [];
  const shift = Math.log2(bytes / (type === "f16" ? 2 : 4));
  if (type === "atomic<u32>")
    return [
      ...overPieces(buffer, "at(i: u32) -> u32", shift, (word) => `return atomicLoad(&${word});`),
      ...overPieces(buffer, "and(i: u32, x: u32)", shift, (word) => `atomicAnd(&${word}, x);`),
      ...overPieces(buffer, "or(i: u32, x: u32)", shift, (word) => `atomicOr(&${word}, x);`),
    ];
  return [
    ...overPieces(buffer, `at(i: u32) -> ${type}`, shift, (word) => `return ${word};`),
    ...(access === "read" ? [] : overPieces(buffer, `set(i: u32, x: ${type})`, shift, (word) => `${word} = x;`)),
  ];
}
