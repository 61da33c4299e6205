// Reading what the user names: files and standard input.
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { UsageFailure } from "./report.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "a part of its path is not a directory",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
  ELOOP: "its symbolic links lead in a circle",
  ENAMETOOLONG: "the name is too long",
};

/** No module, source or snapshot is larger: devices that never end are. */
const MAX_FILE_BYTES = 2 ** 30;
const CHUNK_BYTES = 2 ** 20;

/** @throws UsageFailure that says why, if the file cannot be read */
export function readBytes(path: string): Uint8Array {
  try {
    return readToEnd(path);
  } catch (error) {
    if (error instanceof UsageFailure) throw error;
    throw new UsageFailure(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

function readToEnd(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; ; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(file, chunk);
      // A copy: small buffers come in a pool that the process's other buffers share.
      if (length === 0) return new Uint8Array(Buffer.concat(chunks));
      total += length;
      if (total > MAX_FILE_BYTES) throw tooLarge(path);
      chunks.push(chunk.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

/** @throws UsageFailure that says why, if the file cannot be written */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new UsageFailure(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

function tooLarge(name: string): UsageFailure {
  return new UsageFailure(`cannot read ${name}: it is larger than 1GiB`);
}

/** Why the system refused a file. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || message;
}

/** All of standard input. Asynchronous, so that Ctrl-C ends it. */
export async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of process.stdin) {
    total += (chunk as Uint8Array).length;
    if (total > MAX_FILE_BYTES) throw tooLarge("standard input");
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/** Standard input as a guest asks for it: nothing is read before. */
export class StandardInput implements AsyncIterable<Uint8Array> {
  private opened = false;
  private end!: (last: IteratorResult<Uint8Array>) => void;
  private readonly ended = new Promise<IteratorResult<Uint8Array>>((resolve) => {
    this.end = resolve;
  });

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.opened = true;
    const chunks = process.stdin[Symbol.asyncIterator]();
    return { next: () => Promise.race([chunks.next(), this.ended]) };
  }

  /** Ends it for whoever waits; the process does not wait for more. */
  close(): void {
    this.end({ done: true, value: undefined });
    if (this.opened) process.stdin.destroy();
  }
}

/**
 * Source text from UTF-8, without a byte order mark.
 * @throws UsageFailure that names the first byte which is not UTF-8
 */
export function decodeSource(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const offset = firstNonUtf8(bytes);
    const byte = bytes[offset]!.toString(16).padStart(2, "0");
    const line = bytes.subarray(0, offset).filter((b) => b === 0x0a).length + 1;
    throw new UsageFailure(`${path} is not UTF-8: byte 0x${byte} at offset ${offset}, in line ${line}`);
  }
}

/** Offset of the first byte that begins no UTF-8 sequence: the length of the longest prefix that is UTF-8. */
function firstNonUtf8(bytes: Uint8Array): number {
  // The lossy decoding puts U+FFFD for the first bad sequence, and is the bytes' own before it.
  const lossy = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const encoder = new TextEncoder();
  for (let at = lossy.indexOf("\ufffd"); at >= 0; at = lossy.indexOf("\ufffd", at + 1)) {
    const offset = encoder.encode(lossy.slice(0, at)).length;
    const isReal = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!isReal) return offset;
  }
  return 0;
}
