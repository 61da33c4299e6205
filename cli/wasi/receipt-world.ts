// What a WASI module gets of the world in a run with a receipt: all of it is data, so that the run can be made again,
// hashed, and taken up from a snapshot. It has no directories, and time is virtual.
import * as crypto from "node:crypto";
import { createHash } from "node:crypto";
import {
  canonicalJson,
  type HashTools,
  type HostState,
  type HostWorld,
  parseCanonicalJson,
} from "../../proof/index.js";
import type { FuelScheduleName, Linker } from "../../runtime/index.js";
import { type Stream, Wasi, type WasiState } from "../../runtime/wasi/index.js";

export interface ReceiptWorldOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly schedule: FuelScheduleName;
  readonly stdin: Uint8Array;
  /** Where output goes beside its hash. */
  readonly onOutput?: ((name: "stdout" | "stderr", bytes: Uint8Array) => void) | undefined;
}

/** Node's own SHA-256; at once, where this Node can: most of what is hashed is 64 bytes. */
export const nodeSha256 = (bytes: Uint8Array): Uint8Array =>
  atOnce === undefined
    ? createHash("sha256").update(bytes).digest()
    : Buffer.from(atOnce("sha256", bytes, "binary"), "latin1");
const { hash: atOnce } = crypto as {
  // As text, which takes half the time.
  hash?: (name: string, bytes: Uint8Array, encoding: "binary") => string;
};

/** What of Node's states are hashed with. */
export const NODE_TOOLS: HashTools = { sha256: nodeSha256, isEqual: (a, b) => Buffer.compare(a, b) === 0 };

/** Hashes writes in a chain, SHA-256 of the hash before and the bytes: it can go on from any of them. */
class ChainedOutput implements Stream {
  hash: Uint8Array = new Uint8Array(32);
  constructor(private readonly forward: (bytes: Uint8Array) => void) {}

  write(source: Uint8Array): void {
    this.hash = nodeSha256(Buffer.concat([this.hash, source]));
    this.forward(source.slice());
  }
}

class ByteInput implements Stream {
  position = 0;
  constructor(private readonly bytes: Uint8Array) {}

  read(target: Uint8Array): number {
    const part = this.bytes.subarray(this.position, this.position + target.length);
    target.set(part);
    this.position += part.length;
    return part.length;
  }
}

interface Saved {
  readonly wasi: WasiState;
  readonly stdin: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export class ReceiptWorld implements HostWorld {
  private readonly wasi: Wasi;
  private readonly stdin: ByteInput;
  private readonly stdout: ChainedOutput;
  private readonly stderr: ChainedOutput;

  constructor({ args, env, seed, schedule, stdin, onOutput }: ReceiptWorldOptions) {
    this.stdin = new ByteInput(stdin);
    this.stdout = new ChainedOutput((bytes) => onOutput?.("stdout", bytes));
    this.stderr = new ChainedOutput((bytes) => onOutput?.("stderr", bytes));
    this.wasi = new Wasi({
      args,
      environ: env,
      stdin: this.stdin,
      stdout: this.stdout,
      stderr: this.stderr,
      seed,
      charges: !schedule.startsWith("wasmtime-"),
    });
  }

  define(linker: Linker): void {
    this.wasi.define(linker);
  }

  passed(fuel: number): void {
    this.wasi.fuelBefore += fuel;
  }

  outputs(): Record<string, string> {
    const text = ({ hash }: ChainedOutput) => Buffer.from(hash).toString("hex");
    return { stdout: text(this.stdout), stderr: text(this.stderr) };
  }

  save(): HostState {
    const { wasi, stdin, stdout, stderr } = this;
    const saved: Saved = {
      wasi: wasi.saveState(),
      stdin: stdin.position,
      stdout: stdout.hash,
      stderr: stderr.hash,
    };
    return { wasi: Buffer.from(canonicalJson(saved)) };
  }

  restore({ wasi }: HostState): void {
    const saved = parseCanonicalJson(Buffer.from(wasi!).toString()) as Saved;
    this.wasi.restoreState(saved.wasi);
    this.stdin.position = saved.stdin;
    this.stdout.hash = saved.stdout;
    this.stderr.hash = saved.stderr;
  }
}
