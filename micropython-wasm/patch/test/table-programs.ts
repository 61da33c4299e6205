// The recorded programs, and how they are run.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { Sandbox } from "../../session/sandbox.js";

export interface RecordedProgram {
  readonly source: string;
  /** What CPython prints. */
  readonly stdout: string;
}

export const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** @param name of a file of this folder */
export const recorded = (name: string) => JSON.parse(readFileSync(file(name), "utf8")) as RecordedProgram[];
export const programs = recorded("table-programs.json");

/** Runs programs, each in a session of its own. */
export async function printAsRecorded(chosen: readonly RecordedProgram[]): Promise<void> {
  const start = await Sandbox.create({ fuel: 1_000_000_000, timeout: 120_000 });
  for (const { source, stdout } of chosen) {
    const sandbox = await start.fork();
    expect((await sandbox.run(source)).stdout, source).toBe(stdout);
    sandbox.close();
  }
  start.close();
}
