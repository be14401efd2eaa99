// The order of files in a run. vitest begins with the largest files, but those that take long are not the large ones, and
// one that begins last is waited for alone. Each project keeps its own place (sequence.groupOrder in vitest.config.ts).
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Files that take more than 15 s beside others in any host, the longest first. */
const LONGEST: readonly string[] = [
  "test/playground/page.test.ts",
  "test/bundles/bundles.test.ts",
  "test/pages/hosts.test.ts",
  "packages/backend-webgpu/src/wgsl/kernels.test.ts",
  "packages/backend-webgpu/src/templates/templates.test.ts",
  "test/golden/webgpu.test.ts",
  "test/browser/worker.test.ts",
  "packages/backend-wasm/src/supervision.test.ts",
  "test/conformance/values-webgpu.test.ts",
  "test/random-graphs/transforms.test.ts",
  "test/semantics/reading.test.ts",
  "test/first-hour/programs.test.ts",
  "test/examples/article.test.ts",
  "test/golden/derivatives.test.ts",
  "packages/backend-webgpu/src/wgsl/random.test.ts",
  "test/webgpu/api.test.ts",
  "packages/backend-webgpu/src/wgsl/barriers.test.ts",
  "test/devices/hosts.test.ts",
  "test/golden/suite/webgpu.test.ts",
  "packages/backend-wasm/src/backend.test.ts",
  "test/browser/page.test.ts",
  "test/conformance/values.test.ts",
  "packages/backend-wasm/src/exit.test.ts",
  "packages/api/src/device/devices.test.ts",
  "packages/scheduler/src/uploads.test.ts",
  "test/webgpu/losses.test.ts",
  "test/webgpu/hidden-page.test.ts",
];

/** vitest's own order, with the longest files at its head. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = this.ctx.config.root;
    const gone = LONGEST.filter((name) => !existsSync(join(root, name)));
    if (gone.length > 0) throw new Error(`test/support/order.ts names files that are not there: ${gone.join(", ")}`);
    const place = ({ moduleId, project }: TestSpecification): number => {
      const found = LONGEST.indexOf(relative(root, moduleId).replaceAll("\\", "/"));
      return project.config.sequence.groupOrder * (LONGEST.length + 1) + (found < 0 ? LONGEST.length : found);
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
