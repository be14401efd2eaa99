// A short run of `npm run soak`.
import { expect, test } from "vitest";

import { soak } from "../scripts/testing/soak.ts";

test("values are right while workers die", async () => {
  const report = await soak({ programs: 2000, threads: 3, seed: 11, seconds: 15 });
  expect(report.messages).toEqual([]);
  expect(report).toMatchObject({ wrong: 0, failed: 0 });
  expect(report.programs).toBeGreaterThan(100);
  expect(report.deathsHolding + report.deathsClaiming).toBeGreaterThan(0);
  expect(report.chunksRepeated + report.stepsRepeated).toBeGreaterThan(0);
});

test("values are right on one lane", async () => {
  const report = await soak({ programs: 300, threads: 1, seed: 12 });
  expect(report).toMatchObject({ wrong: 0, failed: 0, deaths: 0 });
  expect(report.programs).toBeGreaterThanOrEqual(300);
});
