// Prints the line that CI reads, `N passed, N failed, N skipped`: `node scripts/count.mjs EXIT_CODE REPORT.json…`.
// The numbers are those of vitest's JSON reports. What failed outside a test (set-up, types, lint, a file that does not
// load) counts as one failure each, so that a red run never reads as green.
import { existsSync, readFileSync } from "node:fs";

const [exitCode, ...paths] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const path of paths.filter((name) => existsSync(name))) {
  const report = JSON.parse(readFileSync(path, "utf8"));
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  failed += report.numFailedTests + brokenFiles.length;
}
if (exitCode !== "0" && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
