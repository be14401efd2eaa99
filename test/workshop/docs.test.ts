// Every path that the documents name leads somewhere: a newcomer follows them. A path may leave out its beginning
// (`wgsl/scalar.ts`), and stand for several (`prims/<family>.ts`, `{numpy,lax}`, `*`); links are taken as they are.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "./sources.ts";

const FAMILIES = "elementwise|reduction|contraction|movement|indexing|creation|control|random";
const EXTENSION = /\.(ts|mts|js|mjs|json|md|py|png|sh|html)$/;
/** What git ignores, because builds and runs make it: folders of the checkout, the package of bench/gpu, a report. */
const MADE = /^(dist|out|node_modules|data|weft-gpu|\.venv)(\/|$)|\/(dist|out)(\/|$)|^results\.json$/;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));
/** Every file and every folder that holds one, each after a slash, so that a path's tail begins with one. */
const places = [
  ...new Set(files.flatMap((path) => path.split("/").map((_, i, parts) => `/${parts.slice(0, i + 1).join("/")}`))),
];
const documents = files.filter((path) => path.endsWith(".md"));

/** The words of a document that are paths: in code spans (a command may hold several) and in lines of commands. */
function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  const fences = [...text.matchAll(/^```(?:sh|bash)\n(.*?)^```/gms)].flatMap(([, body]) => body.split("\n"));
  const words = [...spans, ...fences].flatMap((line) => line.replace(/#.*$/, "").split(/[\s"'$()=]+/));
  return words.filter((word) => {
    if (/^(@|-|https?:|\/|\.\.\/|~)/.test(word) || /[^\w./*<>{},-]/.test(word)) return false;
    return EXTENSION.test(word) || (/^[a-z.][\w.-]*\/[\w./*<>{},-]+$/.test(word) && !/^\d/.test(word));
  });
}

/** The last parts of a path as a pattern. */
function pattern(path: string): RegExp {
  const text = path
    .replace(/^\.\//, "")
    .replace(/\/$/, "")
    .replace(/\.js$/, ".ts") // what it is built from
    .replace(/[.+]/g, "\\$&")
    .replace(/\{([\w,-]+)\}/g, (_, list: string) => `(?:${list.replaceAll(",", "|")})`)
    .replaceAll("<family>", `(?:${FAMILIES})`)
    .replaceAll("*", "[^/]*");
  return new RegExp(`/${text}$`);
}

const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link).filter((link) => !/^[a-z]+:/.test(link));

describe("the documents", () => {
  test.each(documents)("%s names what is there", (document) => {
    const text = readFileSync(join(ROOT, document), "utf8");
    const lost = pathsIn(text).filter((path) => !MADE.test(path) && !places.some((place) => pattern(path).test(place)));
    const broken = linksIn(text).filter((link) => !existsSync(join(ROOT, dirname(document), link)));
    expect([...new Set(lost), ...broken]).toEqual([]);
  });

  test("a path that leads nowhere is found", () => {
    expect(
      pathsIn("write `packages/api/src/numpy/nowhere.ts` and run `node scripts/gone.mjs 3`, but not `x / y`"),
    ).toEqual(["packages/api/src/numpy/nowhere.ts", "scripts/gone.mjs"]);
    expect(places.some((place) => pattern("prims/<family>.ts").test(place))).toBe(true);
    expect(places.some((place) => pattern("numpy/nowhere.ts").test(place))).toBe(false);
  });
});
