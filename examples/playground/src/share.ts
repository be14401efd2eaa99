// The address as a place to keep things: `#selu` names a program, `#code=…` holds one that the reader wrote, compressed.

const CODE = "code=";

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** A program as the part of an address that follows `#`. */
export async function encodeCode(code: string): Promise<string> {
  const bytes = await through(new TextEncoder().encode(code), new CompressionStream("deflate-raw"));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return CODE + text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The program in an address, or null if there is none that can be read. */
export async function decodeCode(hash: string): Promise<string | null> {
  const text = hash.replace(/^#/, "");
  if (!text.startsWith(CODE)) return null;
  try {
    const binary = atob(text.slice(CODE.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
    return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
  } catch {
    return null;
  }
}
