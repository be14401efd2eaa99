// Writes bytes as the text that src/packed.ts reads.
import { ALPHABET, SINGLE } from "../src/packed.ts";

/** The text of some bytes: printable, without quotes and backslashes. */
export function pack(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const run = Math.floor(byte / SINGLE);
    if (run > 0) text += ALPHABET[SINGLE + run - 1];
    text += ALPHABET[byte - run * SINGLE];
  }
  return text;
}
