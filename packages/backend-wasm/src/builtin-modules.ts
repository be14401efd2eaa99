// The modules compiled ahead of time: which there are, and their bytes for each build.
import { bytes as gemmBase } from "./generated/gemm-base.ts";
import { changes as gemmChanges } from "./generated/gemm-relaxed.ts";
import { bytes as kernelsBase } from "./generated/kernels-base.ts";
import { changes as kernelsChanges } from "./generated/kernels-relaxed.ts";
import { unpack, unpackChanges } from "./packed.ts";
import type { Build } from "./stencils.ts";

const MODULES: readonly (readonly [base: string, relaxed: string])[] = [
  [kernelsBase, kernelsChanges],
  [gemmBase, gemmChanges],
];

/** The modules of a build, each unpacked when it is asked for. */
export function builtinModules(build: Build): (() => Uint8Array<ArrayBuffer>)[] {
  return MODULES.map(([base, changes]) => () => {
    const bytes = unpack(base);
    return build === "base" ? bytes : unpackChanges(changes, bytes);
  });
}
