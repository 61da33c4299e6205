// Circles of imports between the folders of one part of the project.
import { posix } from "node:path";
import { importsOf } from "./source-scan.js";

/** The folder directly below `part` that a source is in; "." for `part` itself. */
function folderOf(path: string, part: string): string {
  const rest = path.slice(part.length + 1);
  return rest.includes("/") ? rest.slice(0, rest.indexOf("/")) : ".";
}

/**
 * Every import that is part of a circle of folders, as `importer -> imported`; imports of types count as well.
 * @param sources path from the project's root -> text; test folders left out
 */
export function folderCircles(sources: ReadonlyMap<string, string>, part: string): string[] {
  const imports: { readonly from: string; readonly to: string; readonly text: string }[] = [];
  const next = new Map<string, Set<string>>();
  for (const [path, source] of sources) {
    if (!path.startsWith(`${part}/`)) continue;
    for (const specifier of importsOf(source)) {
      const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
      if (!specifier.startsWith(".") || !target.startsWith(`${part}/`)) continue;
      const [from, to] = [folderOf(path, part), folderOf(target, part)];
      if (from === to) continue;
      imports.push({ from, to, text: `${path} -> ${target}` });
      next.set(from, (next.get(from) ?? new Set()).add(to));
    }
  }
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(next.get(from) ?? [])].some((folder) => leadsTo(folder, to, seen));
  };
  return imports.filter(({ from, to }) => leadsTo(to, from)).map(({ text }) => text);
}
