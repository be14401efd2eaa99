// Bytes as text in source files: one printable character a byte, two for the rarer large ones. Unlike base64 it keeps
// equal runs of bytes equal, so that a page compressed for transport holds compiled code at nearly its own compressed
// size. Bytes that resemble others are written as copies from those and what is new. Decodes only; scripts/pack.ts writes.

/** Printable ASCII without what strings, templates and HTML would need to escape; the last two mark a second character. */
export const ALPHABET = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
  .filter((character) => !'"\\<`$'.includes(character))
  .join("");
const MARKS = 2;
/** Bytes below this take one character. */
export const SINGLE = ALPHABET.length - MARKS;

let digits: Uint8Array | null = null;

/** The bytes of a text. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  if (digits === null) {
    digits = new Uint8Array(128);
    for (let i = 0; i < ALPHABET.length; i++) digits[ALPHABET.charCodeAt(i)] = i;
  }
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = digits[text.charCodeAt(at)];
    // The marks stand for the second and the third run of SINGLE bytes.
    bytes[length++] = digit < SINGLE ? digit : (digit - SINGLE + 1) * SINGLE + digits[text.charCodeAt(++at)];
  }
  return bytes.slice(0, length);
}

/**
 * The bytes of a text that was written as changes to `base`: numbers (seven bits a byte, lowest first) of new bytes,
 * those bytes, and how many to copy from how far back, over and over. What is copied may lie in `base` or in the result.
 */
export function unpackChanges(text: string, base: Uint8Array): Uint8Array<ArrayBuffer> {
  const changes = unpack(text);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = changes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const bytes = new Uint8Array(base.length + number());
  bytes.set(base);
  for (let end = base.length; end < bytes.length;) {
    for (let fresh = number(); fresh > 0; fresh--) bytes[end++] = changes[at++];
    if (end === bytes.length) break;
    const from = end - number();
    for (let i = 0, count = number(); i < count; i++) bytes[end++] = bytes[from + i];
  }
  return bytes.slice(base.length);
}
