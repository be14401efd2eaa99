// Data files of the suites, read where the suite runs: from the disk in Node, from the test server in a page or worker.

/**
 * The text of a file beside a suite.
 * @example JSON.parse(await readText(new URL("./golden.json", import.meta.url)))
 */
export async function readText(file: URL): Promise<string> {
  if (file.protocol === "file:") return (await import("node:fs/promises")).readFile(file, "utf8");
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file.href}: ${response.status} ${response.statusText}`);
  return response.text();
}
