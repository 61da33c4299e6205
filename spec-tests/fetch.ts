// Brings the official test suite into spec-tests/suite/: `npm run spec-tests:fetch [DIRECTORY]`.
// Of two repositories, each at a pinned commit, only the scripts and the licence, laid out as
// suite.ts reads them: core/, custom/, legacy/ and proposals/.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "./suite.js";

/** Part of a repository that becomes part of the suite. */
export interface SuiteSource {
  /** Anything that `git fetch` takes. */
  readonly url: string;
  /** The whole hash, so that what arrives is what was meant. */
  readonly commit: string;
  /** Directories and files of the repository, and their places in the suite. */
  readonly paths: Readonly<Record<string, string>>;
}

/** The official suite; the proposals that are not merged come from its mirror. */
export const SOURCES: readonly SuiteSource[] = [
  {
    url: "https://github.com/WebAssembly/spec.git",
    commit: "285a9032950cbad6a9f84de11183008e286092a2",
    paths: { "test/core": "core", "test/custom": "custom", "test/legacy": "legacy", "test/LICENSE": "LICENSE" },
  },
  {
    url: "https://github.com/WebAssembly/testsuite.git",
    commit: "193e551ff22663995b1ac95dc62344133669e14b",
    paths: {
      "proposals/threads": "proposals/threads",
      "proposals/wide-arithmetic": "proposals/wide-arithmetic",
      "proposals/custom-page-sizes": "proposals/custom-page-sizes",
    },
  },
];

/** The suite could not be brought; the message says why and what to do. */
export class FetchError extends Error {
  override readonly name = "FetchError";
}

export interface FetchOptions {
  /** Where the suite goes; replaced if it is there. `spec-tests/suite` of this package by default. */
  readonly directory?: string;
  readonly sources?: readonly SuiteSource[];
  readonly log?: (line: string) => void;
}

/**
 * Fetches the suite. The directory is replaced only when everything has arrived.
 * @returns the directory
 * @throws FetchError
 */
export function fetchSuite(options: FetchOptions = {}): string {
  const directory = resolve(options.directory ?? join(packageRoot(), "spec-tests", "suite"));
  const log = options.log ?? (() => {});
  if (existsSync(directory) && !isReplaceable(directory)) {
    throw new FetchError(`${directory} is not empty and not a test suite: it is left alone`);
  }
  mkdirSync(dirname(directory), { recursive: true });
  // Beside its place, so that the last step is a rename on one file system.
  const work = mkdtempSync(join(dirname(directory), `.${basename(directory)}-`));
  try {
    const staged = join(work, "suite");
    mkdirSync(staged);
    (options.sources ?? SOURCES).forEach((source, index) => {
      log(`fetching ${source.url} at ${source.commit.slice(0, 12)}`);
      const checkout = join(work, `source-${index}`);
      checkOut(source, checkout);
      copyParts(source, checkout, staged);
    });
    rmSync(directory, { recursive: true, force: true });
    renameSync(staged, directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  log(`the suite is in ${directory}`);
  return directory;
}

function isReplaceable(directory: string): boolean {
  return readdirSync(directory).length === 0 || existsSync(join(directory, "core"));
}

/** A checkout of the wanted parts alone: one commit, no history, sparse, blobs on demand. */
function checkOut({ url, commit, paths }: SuiteSource, checkout: string): void {
  mkdirSync(checkout);
  const git = (...args: string[]) => runGit(checkout, args);
  git("init", "--quiet");
  git("remote", "add", "origin", url);
  git("config", "remote.origin.promisor", "true");
  git("config", "remote.origin.partialclonefilter", "blob:none");
  git("sparse-checkout", "set", "--no-cone", ...Object.keys(paths).map((path) => `/${path}`));
  try {
    git("fetch", "--quiet", "--depth", "1", "--filter=blob:none", "origin", commit);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    throw new FetchError(`cannot fetch ${commit} from ${url} (is there a network?): ${error.message}`);
  }
  git("-c", "advice.detachedHead=false", "checkout", "--quiet", "FETCH_HEAD");
}

function runGit(directory: string, args: readonly string[]): void {
  try {
    execFileSync("git", args, {
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
      // No prompt for a password, and none of the caller's own repository.
      env: { ...withoutGitVariables(process.env), GIT_TERMINAL_PROMPT: "0" },
    });
  } catch (error) {
    const { code, stderr, message } = error as { code?: string; stderr?: Buffer; message: string };
    if (code === "ENOENT") throw new FetchError("git is not installed, or not on the PATH");
    throw new FetchError(`git ${args[0]}: ${stderr?.toString().trim() || message}`);
  }
}

function withoutGitVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE)$/.test(name)),
  );
}

/** Copies the scripts (and single files that were named) to their places. */
function copyParts({ url, commit, paths }: SuiteSource, checkout: string, suite: string): void {
  for (const [from, to] of Object.entries(paths)) {
    const source = join(checkout, from);
    if (!existsSync(source)) throw new FetchError(`${url} at ${commit} has no ${from}`);
    const isWanted = (path: string) => path === source || path.endsWith(".wast") || holdsScripts(path);
    cpSync(source, join(suite, to), { recursive: true, filter: isWanted });
  }
}

/** Whether a path is a directory with scripts in it or below it. */
function holdsScripts(path: string): boolean {
  try {
    return readdirSync(path, { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(".wast"));
  } catch {
    return false;
  }
}

/** The command line: exit status 0, 1 if the suite could not be brought, 2 for wrong use. */
export function runFetchCommand(args: readonly string[]): 0 | 1 | 2 {
  const [directory, ...rest] = args;
  if (rest.length > 0 || directory?.startsWith("-")) {
    process.stderr.write("usage: npm run spec-tests:fetch [-- DIRECTORY]\n");
    return 2;
  }
  try {
    const log = (line: string) => process.stderr.write(`${line}\n`);
    fetchSuite({ log, ...(directory === undefined ? {} : { directory }) });
    return 0;
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    process.stderr.write(`spec-tests:fetch: ${error.message}\n`);
    return 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = runFetchCommand(process.argv.slice(2));
}
