// Wasmtime from PyPI, to compare fuel with. `npx tsx runtime/test/support/wasmtime-wheels.ts` installs the wheels
// side by side into the folder that the tests look in; it needs Python with pip and the package index.
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { CaseCall } from "./wasmtime-cases.js";

/** The versions that schedules are named after. */
export const WHEELS = { "45": "45.0.0", "48": "48.0.0", "49": "49.0.0", "50": "50.0.1" } as const;
export type WasmtimeMajor = keyof typeof WHEELS;

/** Has a folder per version. ESCAPEMENT_WASMTIME names another one. */
const FOLDER = process.env["ESCAPEMENT_WASMTIME"] ?? fileURLToPath(new URL("../wasmtime-wheels/", import.meta.url));
const DRIVER = fileURLToPath(new URL("wasmtime-fuel.py", import.meta.url));

const folderOf = (major: WasmtimeMajor) => join(FOLDER, WHEELS[major]);

/** What to do, if a wheel is missing; undefined if all are there. */
export function missingWheels(): string | undefined {
  const missing = (Object.keys(WHEELS) as WasmtimeMajor[]).filter(
    (major) => !existsSync(join(folderOf(major), "wasmtime")),
  );
  if (missing.length === 0) return undefined;
  return `no Wasmtime ${missing.join(", ")} in ${FOLDER}: run npx tsx runtime/test/support/wasmtime-wheels.ts`;
}

export interface WasmtimeJob {
  readonly wasm: Uint8Array;
  readonly calls: readonly CaseCall[];
  /** Of a WASI command, which then has these arguments and nothing else. */
  readonly args?: readonly string[];
}
/** Units, or how it ended otherwise and after how many. */
export type WasmtimeFuel = number | { readonly error: string; readonly fuel: number };
export interface WasmtimeReport {
  readonly version: string;
  readonly instantiate: WasmtimeFuel;
  readonly calls: readonly WasmtimeFuel[];
}

/** What modules cost in one version of Wasmtime. */
export async function wasmtimeFuel(
  major: WasmtimeMajor,
  jobs: readonly WasmtimeJob[],
): Promise<readonly WasmtimeReport[]> {
  const child = promisify(execFile)("python3", [DRIVER, folderOf(major)], { maxBuffer: 2 ** 24 });
  const input = jobs.map(({ wasm, ...job }) => ({ wasm: Buffer.from(wasm).toString("base64"), ...job }));
  child.child.stdin!.end(JSON.stringify(input));
  return JSON.parse((await child).stdout);
}

function install(): void {
  for (const version of Object.values(WHEELS)) {
    const target = join(FOLDER, version);
    if (existsSync(join(target, "wasmtime"))) continue;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"];
    execFileSync("python3", [...pip, "--target", target, `wasmtime==${version}`], { stdio: "inherit" });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) install();
