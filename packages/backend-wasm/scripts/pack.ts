// Writes bytes as the texts that src/packed.ts reads.
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

/** Runs at least so long are copied; shorter ones compress as well by themselves. */
const SHORTEST = 8;
/** Places of equal runs that are tried. */
const TRIES = 64;

function pushNumber(bytes: number[], value: number): void {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
}

/** The text of some bytes as changes to `base`: at each place the longest run that has occurred before is copied. */
export function packChanges(bytes: Uint8Array, base: Uint8Array): string {
  const all = new Uint8Array(base.length + bytes.length);
  all.set(base);
  all.set(bytes, base.length);
  const places = new Map<string, number[]>();
  const keyAt = (at: number): string => String.fromCharCode(...all.subarray(at, at + SHORTEST));
  const note = (at: number): void => {
    const key = keyAt(at);
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else if (known.push(at) > TRIES) known.shift();
  };
  const changes: number[] = [];
  let fresh: number[] = [];
  const flush = (): void => {
    pushNumber(changes, fresh.length);
    changes.push(...fresh);
    fresh = [];
  };
  pushNumber(changes, bytes.length);
  for (let at = 0; at < base.length; at++) note(at);
  for (let at = base.length; at < all.length;) {
    let longest = 0;
    let from = 0;
    for (const place of places.get(keyAt(at)) ?? []) {
      let length = 0;
      while (at + length < all.length && all[place + length] === all[at + length]) length++;
      if (length >= longest) [longest, from] = [length, place];
    }
    const copied = longest >= SHORTEST;
    if (copied) {
      flush();
      pushNumber(changes, at - from);
      pushNumber(changes, longest);
    } else {
      fresh.push(all[at]);
    }
    for (const end = at + (copied ? longest : 1); at < end; at++) note(at);
  }
  if (fresh.length > 0) flush();
  return pack(Uint8Array.from(changes));
}
