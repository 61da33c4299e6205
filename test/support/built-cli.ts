// The command as it is shipped, from dist/bundle/ (build-cli.ts), in a process of its own.
import { type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const CLI = `${ROOT}dist/bundle/cli.cjs`;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly ended: Promise<Ended>;
  /** Resolves when standard output has shown `text`. */
  shows(text: string): Promise<void>;
  interrupt(): void;
}

export interface RunOptions {
  /** What standard input gives; none by default. */
  readonly input?: string | Uint8Array;
  /** Flags of Node's, before the script. */
  readonly node?: readonly string[];
  /** Variables besides this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The command prints "listening" when Ctrl-C is its own to handle: what is sent before ends any process. */
export const TELLS_WHEN_IT_LISTENS: RunOptions = {
  node: [
    "--import",
    "data:text/javascript,process.on('newListener', (name) => name === 'SIGINT' && process.stdout.write('listening'))",
  ],
};

/** Starts `escapement ...args`. */
export function start(args: readonly string[], options: RunOptions = {}): Started {
  const env = { ...process.env, ...options.env };
  const settings: SpawnOptions = { cwd: ROOT, env, stdio: ["pipe", "pipe", "pipe"] };
  const child = spawn(process.execPath, [...(options.node ?? []), CLI, ...args], settings);
  let stdout = "";
  let stderr = "";
  let onOutput = () => {};
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onOutput();
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin!.on("error", () => {}); // A command that does not read its input may be gone already.
  if (options.input !== undefined) child.stdin!.end(options.input);
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        onOutput = () => {
          if (stdout.includes(text)) resolve();
        };
        onOutput();
        void ended.then(() => reject(new Error(`it ended without showing ${text}: ${stdout}${stderr}`)));
      }),
    interrupt: () => void child.kill("SIGINT"),
  };
}

/** Runs `escapement ...args` to its end. */
export function escapement(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, { input: "", ...options }).ended;
}

/** A directory of files that is removed afterwards. */
export class Files {
  private readonly directory = mkdtempSync(join(tmpdir(), "escapement-"));

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** A folder anew, with these files. */
  folder(content: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.directory, "folder-"));
    for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text);
    return folder;
  }

  /** A module in text form, assembled by binaryen. Function names are kept. */
  module(name: string, text: string, features: number = binaryen.Features.All): string {
    const module = binaryen.parseText(text);
    module.setFeatures(features);
    binaryen.setDebugInfo(true);
    const path = this.write(name, module.emitBinary());
    module.dispose();
    return path;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
