// A release: `npm run release -- VERSION [--dry-run]`.
//
// Requires a clean tree and something under Unreleased in the changelog; gives that the version and a date, and
// package.json, package-lock.json and jsr.json the version; builds, checks what would be published, commits and tags.
// Publishing is the last line that it prints, for a workflow that npm can attest (provenance): nothing is sent from here.
// With --dry-run every check is made, and nothing is changed.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const run = (command, ...args) =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 2 ** 26 });
const read = (path) => readFileSync(path, "utf8");
function fail(reason) {
  process.stderr.write(`release: ${reason}\n`);
  process.exit(1);
}

/** The changelog with what is unreleased under a version. */
export function released(changelog, version, date) {
  const heading = "\n## [Unreleased]\n";
  const start = changelog.indexOf(heading) + heading.length;
  if (start < heading.length) throw new Error("CHANGELOG.md has no ## [Unreleased]");
  const next = changelog.indexOf("\n## [", start);
  const entries = changelog.slice(start, next < 0 ? undefined : next);
  if (!/^- /m.test(entries)) throw new Error("CHANGELOG.md has nothing under ## [Unreleased]");
  return `${changelog.slice(0, start)}\n## [${version}] - ${date}\n${changelog.slice(start)}`;
}

/** A manifest's text with another version of the project's own. */
export function versioned(text, from, to) {
  const line = `"version": "${from}"`;
  if (!text.includes(line)) throw new Error(`no ${line}`);
  return text.replace(line, `"version": "${to}"`);
}

/** Whether one version is later than another; pre-releases are not made here. */
export function isLater(version, than) {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && a[at] > b[at];
}

function main(version, dryRun) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? "")) fail("npm run release -- VERSION [--dry-run], VERSION as in 1.2.3");
  const { version: current } = JSON.parse(read("package.json"));
  if (!isLater(version, current)) fail(`${version} is not later than ${current}`);
  if (!dryRun && run("git", "status", "--porcelain") !== "") fail("the tree has changes");
  if (run("git", "tag", "--list", `v${version}`) !== "") fail(`there is a tag v${version}`);

  const changed = new Map();
  try {
    const date = new Date().toISOString().slice(0, 10);
    changed.set("CHANGELOG.md", released(read("CHANGELOG.md"), version, date));
    for (const path of ["package.json", "jsr.json"]) changed.set(path, versioned(read(path), current, version));
    // The lock has the version twice: its own, and that of the package at its root.
    const lock = versioned(read("package-lock.json"), current, version);
    changed.set("package-lock.json", versioned(lock, current, version));
  } catch (error) {
    fail(error.message);
  }

  if (!dryRun) {
    for (const [path, text] of changed) writeFileSync(path, text);
    run("npm", "run", "--silent", "build");
    run("npm", "run", "--silent", "check:package");
  }
  const [{ files, size, unpackedSize }] = JSON.parse(run("npm", "pack", "--dry-run", "--json", "--ignore-scripts"));
  const names = new Set(files.map(({ path }) => path));
  for (const needed of ["LICENSE", "README.md", "CHANGELOG.md", "dist/bundle/THIRD-PARTY-LICENSES.txt"])
    if (!names.has(needed)) fail(`${needed} would not be published`);
  process.stdout.write(`${version}: ${files.length} files, ${size} bytes, ${unpackedSize} unpacked\n`);
  if (dryRun) {
    process.stdout.write(`would change ${[...changed.keys()].join(", ")}, commit and tag v${version}\n`);
    return;
  }
  run("git", "commit", "--quiet", "--message", `[release] ${version}`, "--", ...changed.keys());
  run("git", "tag", "--annotate", `v${version}`, "--message", version);
  process.stdout.write(`git push --follow-tags && npm publish --provenance --access public\n`);
}

if (process.argv[1]?.endsWith("release.mjs")) main(process.argv[2], process.argv.includes("--dry-run"));
