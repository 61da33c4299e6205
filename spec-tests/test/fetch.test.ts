import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FetchError, fetchSuite, runFetchCommand, SOURCES, type SuiteSource } from "../fetch.js";

const hasGit = (() => {
  try {
    execFileSync("git", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Where the repositories are, which no test changes. */
const shelf = mkdtempSync(join(tmpdir(), "escapement-fetch-"));
afterAll(() => rmSync(shelf, { recursive: true, force: true }));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "escapement-fetch-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  vi.restoreAllMocks();
});

/** A repository with one commit of these files. */
function repository(name: string, files: Record<string, string>): { url: string; commit: string } {
  const directory = join(shelf, name);
  mkdirSync(directory);
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", ...args],
      {
        cwd: directory,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      },
    ).trim();
  git("init", "--quiet");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  git("add", "-A");
  git("commit", "--quiet", "-m", "all", "--no-verify");
  return { url: `file://${directory}`, commit: git("rev-parse", "HEAD") };
}

let made: SuiteSource[] | undefined;

function sources(): SuiteSource[] {
  made ??= [
    {
      ...repository("spec", {
        "test/core/i32.wast": "(module)",
        "test/core/simd/a.wast": "(module $a)",
        "test/core/run.py": "print()",
        "test/core/simd/meta/gen.py": "print()",
        "test/js-api/x.js": "",
        "test/LICENSE": "licence",
        "document/big.txt": "not wanted",
      }),
      paths: { "test/core": "core", "test/LICENSE": "LICENSE" },
    },
    {
      ...repository("mirror", { "proposals/threads/b.wast": "(module $b)" }),
      paths: { "proposals/threads": "proposals/threads" },
    },
  ];
  return made;
}

const list = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.\w+$|LICENSE$/.test(path))
    .sort();

describe.skipIf(!hasGit)("fetching", () => {
  it("lays out the scripts of all sources, and nothing else", () => {
    const directory = join(root, "deep", "suite");
    const log: string[] = [];
    expect(fetchSuite({ directory, sources: sources(), log: (line) => log.push(line) })).toBe(directory);
    expect(list(directory)).toEqual(["LICENSE", "core/i32.wast", "core/simd/a.wast", "proposals/threads/b.wast"]);
    expect(existsSync(join(directory, "core", "simd", "meta"))).toBe(false);
    expect(readFileSync(join(directory, "core/simd/a.wast"), "utf8")).toBe("(module $a)");
    expect(log).toHaveLength(3);
    expect(readdirSync(join(root, "deep"))).toEqual(["suite"]);
  });

  it("replaces a suite that is there", () => {
    const directory = join(root, "suite");
    mkdirSync(join(directory, "core"), { recursive: true });
    writeFileSync(join(directory, "core", "gone.wast"), "(module)");
    fetchSuite({ directory, sources: sources() });
    expect(list(directory)).not.toContain("core/gone.wast");
  });

  it("leaves alone what is not a suite", () => {
    writeFileSync(join(root, "precious.txt"), "x");
    expect(() => fetchSuite({ directory: root, sources: [] })).toThrow("not empty and not a test suite");
    expect(existsSync(join(root, "precious.txt"))).toBe(true);
  });

  it("keeps the old suite, and leaves nothing behind, when a source fails", () => {
    const directory = join(root, "place", "suite");
    const good = sources();
    fetchSuite({ directory, sources: good });
    const missing: SuiteSource = { url: `file://${join(root, "nowhere")}`, commit: "0".repeat(40), paths: { a: "a" } };
    expect(() => fetchSuite({ directory, sources: [good[0]!, missing] })).toThrow(FetchError);
    expect(() => fetchSuite({ directory, sources: [missing] })).toThrow(
      /cannot fetch 0{40} from file:.*is there a network/,
    );
    expect(list(directory)).toHaveLength(4);
    expect(readdirSync(join(root, "place"))).toEqual(["suite"]);
  });

  it("says which commit or path is missing", () => {
    const [spec] = sources();
    expect(() => fetchSuite({ directory: join(root, "s"), sources: [{ ...spec!, commit: "1".repeat(40) }] })).toThrow(
      "cannot fetch 1111",
    );
    expect(() =>
      fetchSuite({ directory: join(root, "s"), sources: [{ ...spec!, paths: { "test/nope": "nope" } }] }),
    ).toThrow("has no test/nope");
  });
});

it("says so when git is missing", () => {
  vi.stubEnv("PATH", join(root, "nothing"));
  expect(() => fetchSuite({ directory: join(root, "s") })).toThrow("git is not installed, or not on the PATH");
  vi.unstubAllEnvs();
});

it("the command line takes one directory at most", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(runFetchCommand(["a", "b"])).toBe(2);
  expect(runFetchCommand(["--help"])).toBe(2);
  expect(write).toHaveBeenCalledWith(expect.stringContaining("usage:"));
});

it("the official sources are pinned by whole hashes", () => {
  expect(SOURCES.map(({ commit }) => commit)).toEqual([
    expect.stringMatching(/^[0-9a-f]{40}$/),
    expect.stringMatching(/^[0-9a-f]{40}$/),
  ]);
});
