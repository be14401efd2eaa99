// Where WebGPU comes from in a browser: navigator.gpu. Refuses to guess: what is missing is said in words.

/** A way to adapters, or why there is none. */
export type GpuSource = { readonly gpu: GPU; release(): void } | { readonly missing: string };

/** Bytes of the host's memory that a software adapter may take; null where the host does not say. */
export const hostBytes: number | null = null;

/** Finds the host's WebGPU. */
export async function openGpu(): Promise<GpuSource> {
  const { gpu } = (globalThis as { navigator?: { gpu?: GPU | null } }).navigator ?? {};
  if (gpu !== undefined && gpu !== null) return { gpu, release: () => {} };
  const { isSecureContext } = globalThis as { isSecureContext?: boolean };
  if (isSecureContext === false) {
    return { missing: "this page is no secure context; WebGPU needs https or localhost" };
  }
  return { missing: "this host has no navigator.gpu; it may need a newer browser or a setting" };
}
