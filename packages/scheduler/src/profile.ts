// What the scheduler knows of a device's speed (RUNTIME.md section 4), and what a device is taken to be before anyone
// has measured it. Numbers only: how they are measured is calibrate.ts's business, how they are kept profile-store.ts's,
// what a plan costs by them cost.ts's.
import type { DeviceKind } from "@weft/ir";

/** Classes of work, each with a rate of its own. */
export type WorkClass = "light" | "heavy" | "gemm" | "gather" | "scatter";

/** The speed of one device on this machine. Quantised to two significant bits, so that noise seldom changes plans. */
export interface DeviceProfile {
  /** The backend's id. */
  readonly id: string;
  /** The backend's fingerprint: a profile of another one does not hold. */
  readonly fingerprint: string;
  readonly kind: DeviceKind;
  /** Nanoseconds a step costs beyond its work. */
  readonly launchNs: number;
  /** Nanoseconds a submission (a segment of steps) costs. */
  readonly submitNs: number;
  /** Nanoseconds until the first byte of a result is on the host. */
  readonly readNs: number;
  /** Bandwidth from and to the host's memory, in bytes a nanosecond. */
  readonly upGBs: number;
  readonly downGBs: number;
  /** Bandwidth of a kernel that streams through large arrays, bytes read and written. */
  readonly streamGBs: number;
  /** Elementary operations a nanosecond, as `work` of steps counts them; a product counts two a term. */
  readonly rate: Readonly<Record<WorkClass, number>>;
  /** Nanoseconds to compile a kernel. */
  readonly compileNs: number;
  /** Relative spread of the rounds it was measured in. */
  readonly spread: number;
  readonly source: "measured" | "shipped";
  readonly schema: 1;
}

/** What a device of each kind is taken to be until it is measured: two cores, a modest GPU, a software adapter. */
const SHIPPED: Readonly<Record<DeviceKind, Omit<DeviceProfile, "id" | "fingerprint" | "kind" | "source" | "schema">>> =
  {
    cpu: {
      launchNs: 1000,
      submitNs: 2000,
      readNs: 500,
      upGBs: 8,
      downGBs: 8,
      streamGBs: 12,
      compileNs: 700_000,
      spread: 0,
      rate: { light: 6, heavy: 6, gemm: 48, gather: 0.5, scatter: 0.25 },
    },
    gpu: {
      launchNs: 8000,
      submitNs: 60_000,
      readNs: 400_000,
      upGBs: 4,
      downGBs: 3,
      streamGBs: 192,
      compileNs: 8_000_000,
      spread: 0,
      rate: { light: 192, heavy: 192, gemm: 1024, gather: 16, scatter: 4 },
    },
    "gpu-software": {
      launchNs: 32_000,
      submitNs: 60_000,
      readNs: 400_000,
      upGBs: 4,
      downGBs: 3,
      streamGBs: 4,
      compileNs: 16_000_000,
      spread: 0,
      rate: { light: 0.5, heavy: 0.5, gemm: 3, gather: 0.25, scatter: 0.125 },
    },
  };

/**
 * The profile of a device nobody has measured.
 * @example shippedProfile({ id: "webgpu", fingerprint: "", kind: "gpu" }).source // "shipped"
 */
export const shippedProfile = ({
  id,
  fingerprint,
  kind,
}: {
  readonly id: string;
  readonly fingerprint: string;
  readonly kind: DeviceKind;
}): DeviceProfile => ({
  id,
  fingerprint,
  kind,
  ...SHIPPED[kind],
  source: "shipped",
  schema: 1,
});
