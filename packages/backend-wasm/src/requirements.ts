// What the device needs of its host before anything can be made: WebAssembly that this thread may compile, with SIMD, and
// Atomics. Says what is missing in words, and looks no further; whether memory can be shared is memory.ts's question.

/** The smallest module there is: magic and version. */
const EMPTY_MODULE = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** The smallest module with a SIMD instruction that is not much: (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt). */
const SIMD_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00,
  0x0a, 0x0a, 0x01, 0x08, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62, 0x0b,
]);

/** The smallest module with a relaxed SIMD instruction: (func (result v128) … f32x4.relaxed_madd). */
const RELAXED_MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03, 0x02, 0x01, 0x00,
  0x0a, 0x13, 0x01, 0x11, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x85,
  0x02, 0x0b,
]);

/** How browsers say that a policy, and not the module, is the reason. */
const POLICY = /disallowed by embedder|content.security|csp|unsafe-eval|policy/i;

/** Why this thread may not compile WebAssembly, as a content security policy can forbid it; null if it may. */
export function whyNoCompiling(): string | null {
  try {
    void new WebAssembly.Module(EMPTY_MODULE);
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!POLICY.test(text)) return `this host compiles no WebAssembly (${text})`;
    return (
      "this page's Content-Security-Policy forbids WebAssembly: script-src needs 'wasm-unsafe-eval' " +
      "(as in script-src 'self' 'wasm-unsafe-eval')"
    );
  }
}

/** Why the device cannot be made on this host; null if it can. */
export function whyMissing(): string | null {
  const host = globalThis as { readonly WebAssembly?: object; readonly Atomics?: object };
  if (typeof host.WebAssembly !== "object" || host.WebAssembly === null)
    return "this host has no WebAssembly; modes of browsers for high security switch it off";
  if (typeof host.Atomics !== "object" || host.Atomics === null) return "this host has no Atomics";
  const policy = whyNoCompiling();
  if (policy !== null) return policy;
  return WebAssembly.validate(SIMD_MODULE) ? null : "this host's WebAssembly has no SIMD, or not all of it";
}

/** Whether this host runs relaxed SIMD. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(RELAXED_MODULE);
