// Files that comments and documents name, and whether they exist.
import { blank } from "./source-scan.js";

/** A source file's name, with a path before it or without: `floors.ts`, `runtime/errors.ts`, `guest-library.py.ts`; no pattern: `*.test.ts`. */
const POINTER = /(?<![\w./*-])[\w./-]*\w\.ts\b/g;

/**
 * What the comments of TypeScript files and the whole text of documents name, where no file has such a path or name.
 * @param texts path to text, of what is searched
 * @param paths of all files of the project
 */
export function stalePointers(texts: ReadonlyMap<string, string>, paths: Iterable<string>): string[] {
  const known = [...paths].map((path) => `/${path}`);
  const names = new Set(known.map((path) => path.slice(path.lastIndexOf("/"))));
  const found: string[] = [];
  for (const [path, text] of texts) {
    for (const [pointer] of (path.endsWith(".ts") ? commentsOf(text) : text).matchAll(POINTER)) {
      const place = `/${pointer.replace(/^(?:\.{0,2}\/)+/, "")}`;
      const isThere = place.lastIndexOf("/") === 0 ? names.has(place) : known.some((other) => other.endsWith(place));
      if (!isThere) found.push(`${path}: there is no ${pointer}`);
    }
  }
  return found;
}

/** The comments of a source; the code between them is blank. */
function commentsOf(source: string): string {
  const code = blank(source, { strings: false });
  // By code units, as blank() counts.
  return source
    .split("")
    .map((unit, i) => (code[i] === unit && unit !== "\n" ? " " : unit))
    .join("");
}
