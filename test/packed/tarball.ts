// The package as it is published, installed into a folder of its own beside what the examples and bundlers need.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What is installed beside the package; versions are pinned here, as no lock file can have the tarball. */
const BESIDE = {
  "@bytecodealliance/jco-transpile": "0.15.0",
  "@oven/bun-linux-x64": "1.4.5",
  "@parcel/core": "2.16.4",
  "@parcel/config-default": "2.16.4",
  "@rollup/plugin-node-resolve": "16.0.3",
  ai: "6.0.325",
  assemblyscript: "0.28.20",
  "better-sqlite3": "12.6.2",
  deno: "2.9.6",
  esbuild: "0.28.2",
  rollup: "4.68.8",
  vite: "7.3.8",
  webpack: "5.113.0",
};

/** For better-sqlite3, where its binary cannot be downloaded and is built: quickly, and without asking nodejs.org. */
const BUILD = {
  CFLAGS: "-O0",
  CXXFLAGS: "-O0",
  ...(existsSync("/usr/include/node/node.h") ? { npm_config_nodedir: "/usr" } : {}),
};

/** The folder, for all test files of a run. */
export const FOLDER = process.env.ESCAPEMENT_PACKED ?? "";

/**
 * Packs and installs; vitest calls it once, before all tests. With ESCAPEMENT_PACKED=FOLDER in the environment it uses
 * what an earlier run has left there, and leaves it.
 */
export default function setup(): () => void {
  const run = (command: string, args: string[], cwd: string) =>
    execFileSync(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "inherit"],
      encoding: "utf8",
      env: { ...process.env, ...BUILD },
    });
  const kept = process.env.ESCAPEMENT_PACKED;
  if (kept !== undefined && existsSync(`${kept}/node_modules/escapement`)) return () => undefined;
  if (!existsSync(`${ROOT}dist/bundle/runtime.js`)) run("npm", ["run", "--silent", "build"], ROOT);
  const folder = kept ?? mkdtempSync(join(tmpdir(), "escapement-packed-"));
  mkdirSync(folder, { recursive: true });
  process.env.ESCAPEMENT_PACKED = folder;
  const [packed] = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], ROOT),
  ) as [{ filename: string }];
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({
      // Parcel reads "exports" only where it is told to.
      "@parcel/resolver-default": { packageExports: true },
      private: true,
      type: "module",
      dependencies: { ...BESIDE, escapement: `file:${packed.filename}` },
    }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--silent"], folder);
  cpSync(`${ROOT}examples`, join(folder, "examples"), {
    recursive: true,
    filter: (path) => !/node_modules|\/dist$|\/playground/.test(path.slice(ROOT.length)),
  });
  return () => {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  };
}
