// The repository as the house-rule tests see it: which TypeScript files it has, and what each one imports.
// It reads text only; nothing here runs or resolves a module.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const SKIPPED = new Set(["node_modules", "dist", "generated", "out", "build", "coverage"]);

/** A source file: its path from the root with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

function walk(folder: string, found: string[]): string[] {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, found);
    else if (/\.(ts|mts|mjs|js)$/.test(entry.name)) found.push(path);
  }
  return found;
}

/** Every hand-written TypeScript and JavaScript file of the workspaces. */
export function sources(): Source[] {
  return ["packages", "test", "bench", "examples", "scripts"]
    .flatMap((folder) => walk(join(ROOT, folder), []))
    .map((path) => ({ path: relative(ROOT, path).replaceAll("\\", "/"), text: readFileSync(path, "utf8") }));
}

/**
 * The text with comments blanked (and, if asked, the contents of strings and templates too), line breaks kept, so that
 * a rule about code does not trip over prose. A small scanner: regular expression literals are told from divisions by
 * what stands before them.
 */
export function code(text: string, blankStrings = true): string {
  let out = "";
  let index = 0;
  const blank = (part: string): string => part.replace(/[^\n]/g, " ");
  while (index < text.length) {
    const rest = text.slice(index, index + 2);
    if (rest === "//" || rest === "/*") {
      const close = rest === "//" ? text.indexOf("\n", index) : text.indexOf("*/", index + 2);
      const end = close < 0 ? text.length : rest === "//" ? close : close + 2;
      out += blank(text.slice(index, end));
      index = end;
      continue;
    }
    const char = text[index];
    if (char === '"' || char === "'" || char === "`") {
      const end = endOfString(text, index);
      out += blankStrings ? char + blank(text.slice(index + 1, end - 1)) + char : text.slice(index, end);
      index = end;
      continue;
    }
    if (char === "/" && /(^|[=(,:;!&|?{}[\n]|return|=>)\s*$/.test(out.slice(-40))) {
      const literal = /^\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/.exec(text.slice(index));
      if (literal !== null) {
        out += blankStrings ? blank(literal[0]) : literal[0];
        index += literal[0].length;
        continue;
      }
    }
    out += char;
    index++;
  }
  return out;
}

function endOfString(text: string, start: number): number {
  const quote = text[start];
  let index = start + 1;
  while (index < text.length && text[index] !== quote) {
    if (text[index] === "\\") index += 2;
    else if (quote === "`" && text.startsWith("${", index)) index = endOfSubstitution(text, index + 2);
    else index++;
  }
  return Math.min(index + 1, text.length);
}

function endOfSubstitution(text: string, start: number): number {
  let depth = 1;
  let index = start;
  while (index < text.length && depth > 0) {
    const char = text[index];
    if (char === '"' || char === "'" || char === "`") {
      index = endOfString(text, index);
      continue;
    }
    if (char === "{") depth++;
    if (char === "}") depth--;
    index++;
  }
  return index;
}

/** One import of a file: the specifier, and whether it is a dynamic `import(…)`. */
export interface Import {
  readonly specifier: string;
  readonly dynamic: boolean;
}

/** What a file imports: static imports, re-exports, dynamic imports with a literal, `import.meta.resolve`. */
export function importsOf(source: Source): Import[] {
  // Found where strings are blanked, so that code inside a template is no import; read where they are not.
  const shape = code(source.text);
  const found: Import[] = [];
  const collect = (pattern: RegExp, dynamic: boolean): void => {
    for (const match of shape.matchAll(pattern)) {
      const end = match.index + match[0].length;
      found.push({ specifier: source.text.slice(end - match[1].length - 1, end - 1), dynamic });
    }
  };
  collect(/^[^\S\n]*(?:import|export)\s(?:[^"'`;]*?\sfrom\s*)?["'](\s*)["']/gm, false);
  collect(/\bimport(?:\.meta\.resolve)?\(\s*["'](\s*)["']/g, true);
  return found;
}
