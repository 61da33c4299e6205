// The floors of DESIGN.md as functions over a map of sources.
import { posix } from "node:path";
import { forbiddenNames, importEdgesOf, importsOf } from "./source-scan.js";

/** Faces of the core: what floors 8 and up may import from decoder/ and runtime/. */
const FACES =
  /^(?:cli\/wasi\/index|decoder\/index|proof\/index|runtime\/index|runtime\/(?:js-api|wasi)\/index|micropython-wasm\/(?:(?:(?:mcp|pool)\/)?index|node|profile|receipts|terminal\/(?:cpython|repl)))\.ts$/;

/** The floor of a source file, by its path from the project's root; undefined if DESIGN.md gives it none. */
export function floorOf(path: string): number | undefined {
  if (path.startsWith("decoder/")) return 0;
  if (path.startsWith("proof/")) return 7;
  if (path === "runtime/index.ts" || /^runtime\/(?:js-api|wasi)\//.test(path)) return 7;
  if (/^runtime\/(?:numerics\/)?[^/]+\.ts$/.test(path)) return 1;
  if (/^runtime\/(?:store|register-code)\//.test(path)) return 2;
  if (path.startsWith("runtime/lowering/")) return 3;
  if (path.startsWith("runtime/interpreter/")) return 4;
  if (path.startsWith("runtime/compiler/")) return 5;
  if (/^runtime\/(?:embedding|emscripten|snapshot)\//.test(path)) return 6;
  if (path.startsWith("cli/wasi/")) return 7.5;
  if (path.startsWith("micropython-wasm/")) return 8;
  if (path.startsWith("farm/")) return 8.5;
  if (/^(?:bench|spec-tests)\//.test(path)) return 9;
  if (/^(?:cli|tools)\//.test(path)) return 10;
  return undefined;
}

/** The part of a floor that imports freely within itself: on floors 7 and 9 each face or folder is its own. */
function partOf(path: string): string {
  const floor = floorOf(path);
  if (path.startsWith("proof/")) return "proof";
  if (floor === 7 || floor === 9)
    return path
      .split("/")
      .slice(0, floor === 7 ? 2 : 1)
      .join("/");
  return String(floor);
}

/** A tool that writes a checked-in file: runs at development time only, and only tools import it. */
const isTool = (path: string): boolean => /(?:^|\/)generate(?:-[\w-]+)?\.ts$/.test(path);
const isCore = (path: string): boolean => /^(?:decoder|proof|runtime)\//.test(path);

/**
 * Every breach of the floors, as one line each: `importer -> imported: reason`.
 * @param sources path from the project's root -> text; test folders left out
 */
export function breaches(sources: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [path, source] of sources) {
    const floor = floorOf(path);
    if (floor === undefined) {
      found.push(`${path}: DESIGN.md gives it no floor`);
      continue;
    }
    for (const specifier of importsOf(source)) {
      const reason = breachOf(path, floor, specifier, sources);
      if (reason !== undefined) found.push(`${path} -> ${specifier}: ${reason}`);
    }
    if (isCore(path) && !isTool(path)) {
      const allowed = { codeFromText: path.startsWith("runtime/compiler/") };
      for (const name of forbiddenNames(source, allowed)) found.push(`${path}: uses ${name}`);
    }
  }
  return found;
}

function breachOf(
  path: string,
  floor: number,
  specifier: string,
  sources: ReadonlyMap<string, string>,
): string | undefined {
  if (!specifier.startsWith(".")) {
    if (isTool(path)) return undefined;
    return isCore(path) ? "decoder/ and runtime/ import neither node: modules nor packages" : undefined;
  }
  if (!/\.js(?:on)?$/.test(specifier)) return "relative imports end in .js";
  const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
  if (target === "package.json") return isCore(path) ? "decoder/ and runtime/ do not read package.json" : undefined;
  if (!sources.has(target)) return "no such source file";
  if (isTool(path)) return undefined;
  if (isTool(target)) return "tools are not imported";
  const targetFloor = floorOf(target);
  if (targetFloor === undefined) return "no floor";
  if (targetFloor > floor) return `upward, from floor ${floor} to ${targetFloor}`;
  if (targetFloor === floor && partOf(target) !== partOf(path)) return `parts of floor ${floor} are independent`;
  if (targetFloor === 9 && floor === 10 && !/^spec-tests\/(?:index|command)\.ts$/.test(target)) {
    return "the command reaches spec-tests/ through its face only";
  }
  if (targetFloor === 8.5 && floor > 8.5 && target !== "farm/index.ts") return "not a public face";
  if (floor >= 8 && targetFloor <= 8 && targetFloor !== floor && !FACES.test(target)) return "not a public face";
  return undefined;
}

/** `importer -> imported`, both by their paths. */
export type NamedImport = `${string} -> ${string}`;

/**
 * Import circles between files, imports of types included: each as the paths in it, sorted.
 * @param allowed imports that may close a circle, because only types go that way
 * @returns also every allowed import that is none, imports values, or closes no circle
 */
export function circles(sources: ReadonlyMap<string, string>, allowed: readonly NamedImport[] = []): string[] {
  const all = new Map<string, string[]>();
  const valued = new Set<string>();
  for (const [path, source] of sources) {
    const targets: string[] = [];
    for (const { specifier, isTypeOnly } of importEdgesOf(source)) {
      const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
      if (!sources.has(target)) continue;
      targets.push(target);
      if (!isTypeOnly) valued.add(`${path} -> ${target}`);
    }
    all.set(path, targets);
  }
  const found = allowed.flatMap((edge) => {
    const [from, to] = edge.split(" -> ") as [string, string];
    if (!all.get(from)?.includes(to)) return [`${edge}: no such import`];
    if (valued.has(edge)) return [`${edge}: imports more than types`];
    return reaches(all, to, from) ? [] : [`${edge}: closes no circle`];
  });
  const cut = new Set<string>(allowed);
  const kept = new Map([...all].map(([path, to]) => [path, to.filter((target) => !cut.has(`${path} -> ${target}`))]));
  const seen = new Set<string>();
  for (const path of kept.keys()) {
    if (seen.has(path)) continue;
    const together = [...kept.keys()].filter((other) => reaches(kept, path, other) && reaches(kept, other, path));
    for (const other of together) seen.add(other);
    if (together.length > 1) found.push(`circle: ${together.sort().join(", ")}`);
  }
  return found;
}

/** Whether there is a way of imports from one file to another; to itself there always is. */
function reaches(imports: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const path of seen) {
    if (path === to) return true;
    for (const next of imports.get(path) ?? []) seen.add(next);
  }
  return false;
}
