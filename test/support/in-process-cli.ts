// The command in this process: flags, files, output and exit statuses as in one of its own (built-cli.ts), without what
// starting one takes, a third of a second of processor time for each program of Python's. What is tested there: signals,
// pipes, terminals, Node's own flags, the bundle.
import { createRequire } from "node:module";
import { Readable, Writable } from "node:stream";
import { main } from "../../cli/main.js";
import { CLI, type Ended } from "./built-cli.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { readonly version: string };

/** Ends when those who asked before have their results: the streams and the exit status are the process's. */
let last: Promise<unknown> = Promise.resolve();

/** Does `escapement ...args` to its end. @param input what standard input gives */
export function inProcess(
  args: readonly string[],
  { input = "" }: { input?: string | Uint8Array } = {},
): Promise<Ended> {
  const ended = last.then(() => run(args, input));
  last = ended.catch(() => {});
  return ended;
}

async function run(args: readonly string[], input: string | Uint8Array): Promise<Ended> {
  const stdout = new Collected();
  const stderr = new Collected();
  const stdin = Readable.from(input.length === 0 ? [] : [Buffer.from(input)], { objectMode: false });
  // Of parts that verify checks side by side, each has a process.
  const argv = [process.execPath, CLI, ...args];
  const giveBack = replace({ stdin, stdout, stderr, argv });
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    await main(args, version);
    return { status: Number(process.exitCode ?? 0), signal: null, stdout: stdout.text, stderr: stderr.text };
  } finally {
    giveBack();
    process.exitCode = exitCode;
  }
}

/** Replaces properties of the process. @returns what puts them back */
function replace(properties: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(properties).map(
    (name) => [name, Object.getOwnPropertyDescriptor(process, name)!] as const,
  );
  for (const [name, value] of Object.entries(properties))
    Object.defineProperty(process, name, { value, configurable: true, writable: true, enumerable: true });
  return () => {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor);
  };
}

class Collected extends Writable {
  private readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}
