// Where the official test suite lies, which of its files are run, and in which group they count.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { sourceOfBytes } from "./lexer.js";
import type { Script } from "./runner.js";

/** Environment variable that names the suite's directory (the one that holds `core/`). */
export const SUITE_VARIABLE = "ESCAPEMENT_SPEC_TESTS";

/** Not of WebAssembly 3.0 and not supported: run only when a path names it. */
const LEFT_OUT = "proposals/custom-descriptors";

/** There is no suite, or a path names nothing in it; the message says what to do. */
export class SuiteError extends Error {
  override readonly name = "SuiteError";
}

/** A script file of the suite. */
export interface SuiteFile {
  /** Path in the suite, with slashes; for a file outside any suite, its name. */
  readonly file: string;
  /** Where it lies. */
  readonly path: string;
}

/** The directory with package.json: above this file by one in the sources, by two in dist/. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json")) && dirname(directory) !== directory)
    directory = dirname(directory);
  return directory;
}

/**
 * The suite's directory: what the environment variable names, else what `npm run spec-tests:fetch`
 * brought, else `../shared/spec-testsuite` beside the checkout.
 * @throws SuiteError
 */
export function findSuite(environment: Readonly<Record<string, string | undefined>>, root = packageRoot()): string {
  const named = environment[SUITE_VARIABLE];
  if (named !== undefined && named !== "") {
    if (!isSuite(named)) throw new SuiteError(`${SUITE_VARIABLE} names ${named}, which has no core/i32.wast`);
    return resolve(named);
  }
  const places = [join(root, "spec-tests", "suite"), join(root, "..", "shared", "spec-testsuite")];
  const found = places.find(isSuite);
  if (found === undefined) {
    throw new SuiteError(
      `no test suite: set ${SUITE_VARIABLE} to its directory, or in a checkout run \`npm run spec-tests:fetch\` (looked in ${places.join(" and ")})`,
    );
  }
  return found;
}

function isSuite(directory: string): boolean {
  return existsSync(join(directory, "core", "i32.wast"));
}

/**
 * The script files that paths name: files or directories, from the working directory or in the
 * suite. Without paths, the whole suite.
 * @param suite undefined where there is none; then every path must exist by itself
 * @throws SuiteError if a path names nothing
 */
export function selectFiles(
  suite: string | undefined,
  paths: readonly string[],
  workingDirectory: string,
): SuiteFile[] {
  const chosen = new Map<string, SuiteFile>();
  for (const path of paths.length === 0 ? ["."] : paths) {
    const places = paths.length === 0 ? [] : [resolve(workingDirectory, path)];
    if (suite !== undefined && !isAbsolute(path)) places.push(join(suite, path));
    const place = places.find((candidate) => existsSync(candidate));
    if (place === undefined) {
      const where = suite === undefined ? "there is no such file" : `there is no such file, here or in ${suite}`;
      throw new SuiteError(`${path}: ${where}`);
    }
    const isDirectory = statSync(place).isDirectory();
    const files = (isDirectory ? scriptsUnder(place) : [place]).map((file) => ({
      file: nameInSuite(file),
      path: file,
    }));
    if (files.length === 0) throw new SuiteError(`${path}: there are no .wast files`);
    const isNamed = nameInSuite(place).startsWith(LEFT_OUT);
    for (const file of files) if (isNamed || !file.file.startsWith(`${LEFT_OUT}/`)) chosen.set(file.path, file);
  }
  return [...chosen.values()];
}

function scriptsUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".wast"))
    .map((file) => join(directory, file))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Path below the innermost directory above it that looks like the suite; without one, the name. */
function nameInSuite(path: string): string {
  for (let directory = dirname(path); directory !== dirname(directory); directory = dirname(directory)) {
    if (isSuite(directory)) return relative(directory, path).split(sep).join("/");
  }
  return basename(path);
}

/** Reads a file of the suite as a script. */
export function readScript({ file, path }: SuiteFile): Script {
  return { file, source: sourceOfBytes(readFileSync(path)) };
}

/** Group in which a file counts: `core`, `core/simd`, `custom`, `legacy`, `proposals/threads`, else `other`. */
export function groupOf(file: string): string {
  const [top, second, ...rest] = file.split("/");
  if (top === "custom" || top === "legacy") return top;
  if (top === "proposals" && second !== undefined) return `proposals/${second}`;
  if (top === "core") return rest.length === 0 ? "core" : `core/${second}`;
  return "other";
}
