// What a WASI command gets of the world when `run` runs it: arguments, environment, directories, standard streams.

import { basename } from "node:path";
import { isatty } from "node:tty";
import type { FuelScheduleName, Linker, Module } from "../runtime/index.js";
import { type Stream, WASI_MODULE, Wasi } from "../runtime/wasi/index.js";
import { reasonOf } from "./files.js";
import type { DirectoryFlag } from "./flags.js";
import { UsageFailure } from "./report.js";
import { InputStream, NodeFiles, OutputStream, realClock } from "./wasi/index.js";

export interface WorldFlags {
  readonly dir?: readonly DirectoryFlag[];
  readonly env?: readonly (readonly [name: string, value: string])[];
  readonly realClock?: true;
  readonly seed: number;
  readonly schedule: FuelScheduleName;
  readonly json?: true;
}

export function usesWasi(module: Module): boolean {
  return module.imports().some((entry) => entry.module === WASI_MODULE);
}

export class WasiWorld {
  private readonly wasi: Wasi;
  private readonly files = new NodeFiles();
  private readonly stdin = new InputStream(() => process.stdin, isatty(0));
  private readonly stdout: Stream & { text?(): string };
  private readonly stderr: Stream & { text?(): string };

  /** @throws UsageFailure for a directory that cannot be opened */
  constructor(file: string, args: readonly string[], flags: WorldFlags) {
    this.stdout = flags.json ? new KeptOutput() : new OutputStream(process.stdout);
    this.stderr = flags.json ? new KeptOutput() : new OutputStream(process.stderr);
    const { stdin, stdout, stderr, files } = this;
    this.wasi = new Wasi({
      args: [basename(file), ...args],
      environ: Object.fromEntries(flags.env ?? []),
      stdin,
      stdout,
      stderr,
      files,
      preopens: (flags.dir ?? []).map(({ host, guest: name, readOnly }) => ({
        name,
        directory: this.openDirectory(host),
        readOnly,
      })),
      ...(flags.realClock ? { clock: realClock() } : {}),
      seed: flags.seed,
      // The schedules of other engines price instructions only.
      charges: !flags.schedule.startsWith("wasmtime-"),
    });
  }

  private openDirectory(host: string): number {
    try {
      return this.files.openDirectory(host);
    } catch (error) {
      throw new UsageFailure(`cannot use the directory ${host}: ${reasonOf(error)}`);
    }
  }

  define(linker: Linker): void {
    this.wasi.define(linker);
  }

  /** Fuel of an execution that is over: the guest's time goes on from there in the next. */
  passed(fuel: number): void {
    this.wasi.fuelBefore += fuel;
  }

  dispose(): void {
    this.stdin.dispose();
    this.files.dispose();
  }

  /** What `--json` says of it. */
  report(exitStatus: number | null): object {
    return { exitStatus: exitStatus ?? 0, stdout: this.stdout.text?.(), stderr: this.stderr.text?.() };
  }
}

/** Most bytes that `--json` reports of each stream. */
const MAX_KEPT_BYTES = 1_000_000;

/** Keeps what the guest writes, as much as is reported. */
class KeptOutput implements Stream {
  private bytes = new Uint8Array(1024);
  private kept = 0;
  private total = 0;

  write(source: Uint8Array): void {
    this.total += source.length;
    const part = source.subarray(0, MAX_KEPT_BYTES - this.kept);
    if (this.kept + part.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.kept + part.length));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(part, this.kept);
    this.kept += part.length;
  }

  text(): string {
    const text = new TextDecoder().decode(this.bytes.subarray(0, this.kept));
    return this.total > this.kept ? `${text}\n[${this.total - this.kept} bytes omitted]\n` : text;
  }
}
