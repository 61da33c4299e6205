// Values of the command line's flags: text to numbers, with messages that say what would do.
import { type Command, InvalidArgumentError } from "commander";
import type { SandboxOptions } from "../micropython-wasm/index.js";
import { readAmount } from "../runtime/index.js";
import type { MountAccess } from "../runtime/wasi/index.js";
import { UsageFailure } from "./report.js";

/** What `--schedule` takes. */
export const SCHEDULES = ["escapement-2", "escapement-1", "wasmtime-45", "wasmtime-48", "wasmtime-49", "wasmtime-50"];

/** The largest `--memory`: what 65,536 pages of 64 KiB hold, times as many memories as anyone will want. */
const MAX_BYTES = 2 ** 40;

/** The largest `--stack`: as many register slots as the engine has for one. */
const MAX_STACK_BYTES = 2 ** 29;

/**
 * A size in bytes: `65536`, `64KiB`, `1.5GiB`, `64MB`.
 * @throws InvalidArgumentError, which commander turns into a usage error
 */
export function parseSize(text: string): number {
  const bytes = readAmount(text);
  if (bytes === undefined)
    throw new InvalidArgumentError(
      "A size is a whole number of bytes, or a number with KiB, MiB, GiB, kB, MB or GB, as in 64MiB.",
    );
  if (bytes > MAX_BYTES) throw new InvalidArgumentError("The largest size is 1024GiB.");
  return bytes;
}

/** What `--dir` names: a directory of the host, and where the guest finds it. */
export interface DirectoryFlag {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
}

/** `HOST::GUEST`, or HOST for both; `:ro` behind it lets the guest read only. */
export function parseDirectory(text: string): DirectoryFlag {
  const readOnly = text.endsWith(":ro");
  const [host = "", guest = host, ...more] = (readOnly ? text.slice(0, -3) : text).split("::");
  if (host === "" || guest === "" || more.length > 0)
    throw new InvalidArgumentError("It is HOST::GUEST, as in ./data::/data, with :ro behind it to read only.");
  return { host, guest, readOnly };
}

/** What `--mount` names: a folder of the host, where Python finds it, and what it may do there. */
export interface MountFlag {
  readonly host: string;
  readonly guest: string;
  readonly access: MountAccess;
}

const ACCESS: Readonly<Record<string, MountAccess>> = { ro: "read-only", rw: "read-write", overlay: "overlay" };

/** `HOST::GUEST`, read-only, or with `:rw` or `:overlay` behind it. */
export function parseMount(text: string): MountFlag {
  const [, mount = text, mode = "ro"] = /^(.*):(ro|rw|overlay)$/s.exec(text) ?? [];
  const [host = "", guest = "", ...more] = mount.split("::");
  if (host === "" || !guest.startsWith("/") || more.length > 0)
    throw new InvalidArgumentError(
      "It is HOST::GUEST, as in ./data::/data, with :ro (the default), :rw or :overlay behind it.",
    );
  return { host, guest, access: ACCESS[mode]! };
}

/** The option `mounts` of sandboxes. @throws UsageFailure for two with one name */
export function mountsOf(flags: readonly MountFlag[] | undefined): NonNullable<SandboxOptions["mounts"]> | undefined {
  if (flags === undefined) return undefined;
  const mounts: Record<string, { path: string; access: MountAccess }> = Object.create(null);
  for (const { host, guest, access } of flags) {
    if (guest in mounts) throw new UsageFailure(`--mount: there is already a folder at ${guest}`);
    mounts[guest] = { path: host, access };
  }
  return mounts;
}

/** `NAME=VALUE` of the guest's environment. */
export function parseVariable(text: string): readonly [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is NAME=VALUE.");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `NAME=JSON`: a global of a Python program, and its value. */
export function parseInput(text: string): readonly [name: string, value: unknown] {
  const [, name = "", json = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError("It is NAME=JSON, as in rows='[1, 2]'.");
  try {
    return [name, JSON.parse(json)];
  } catch (error) {
    throw new InvalidArgumentError(`${name} is not JSON: ${(error as Error).message}. Text is written name='"text"'.`);
  }
}

/** For a flag that may be repeated: the values in the order given. */
export function repeated<T>(parse: (text: string) => T): (text: string, others: readonly T[] | undefined) => T[] {
  return (text, others = []) => [...others, parse(text)];
}

/** A size for `--stack`. */
export function parseStack(text: string): number {
  const bytes = parseSize(text);
  if (bytes > MAX_STACK_BYTES) throw new InvalidArgumentError(`The largest stack is ${formatSize(MAX_STACK_BYTES)}.`);
  return bytes;
}

/** Bytes in the largest unit that divides them: `64MiB`, `65537 bytes`. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes} bytes`;
}

/** A count from 0 to 2^53 − 1; digits may be grouped by `_`. */
export function parseCount(text: string): number {
  const digits = text.trim();
  if (!/^\d+(?:_\d+)*$/.test(digits)) throw new InvalidArgumentError("It is a whole number from 0, as in 20000000.");
  const count = Number(digits.replaceAll("_", ""));
  if (!Number.isSafeInteger(count)) throw new InvalidArgumentError("The largest number is 9007199254740991.");
  return count;
}

/** A count from 1 up. */
export function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new InvalidArgumentError("It is a whole number from 1.");
  return count;
}

/** A time limit in seconds: what a timer can wait for. */
export function parseSeconds(text: string): number {
  const digits = text.trim();
  if (!/^\d+(?:_\d+)*$/.test(digits)) throw new InvalidArgumentError("It is a whole number of seconds from 1.");
  const seconds = Number(digits.replaceAll("_", ""));
  if (seconds === 0) throw new InvalidArgumentError("It is a whole number of seconds from 1.");
  if (seconds > 2_147_483) throw new InvalidArgumentError("The longest time is 2147483 seconds.");
  return seconds;
}

/** The origin of a web page, as browsers send it. */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== text)
    throw new InvalidArgumentError("An origin is scheme, host and perhaps port, as in https://app.example:8443.");
  return text;
}

/** A TCP port, or 0. */
export function parsePort(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65535)
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return Number(text);
}

/** A seed: an integer from 0 to 2^32 − 1, decimal or 0x… */
export function parseSeed(text: string): number {
  const seed = /^(?:\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(seed < 2 ** 32)) throw new InvalidArgumentError("A seed is an integer from 0 to 4294967295.");
  return seed;
}

/** Register slots of 8 bytes for each frame that `--stack` allows: frames hold few values each. */
const SLOTS_PER_FRAME = 16;

/** The store's limits that `--stack BYTES` sets: the guest's call stack, in register slots and in frames. */
export function stackLimits(bytes: number): { stackSlots: number; frames: number } {
  const stackSlots = Math.floor(bytes / 8);
  return { stackSlots, frames: Math.ceil(stackSlots / SLOTS_PER_FRAME) };
}

/**
 * Share of `--stack` that the interpreter's own stack gets: so its recursion limit, which programs can handle as an
 * exception, comes before the engine's, which ends them. Of the default it is the interpreter's own default.
 */
const PYTHON_STACK_SHARE = 3 / 128;
const PYTHON_STACK_RANGE = [4096, 16 * 2 ** 20] as const;

/** The C stack that Python gets of `--stack BYTES`. */
export function pythonStackBytes(bytes: number): number {
  const [least, most] = PYTHON_STACK_RANGE;
  return Math.min(most, Math.max(least, Math.floor(bytes * PYTHON_STACK_SHARE)));
}

/** The operands of a command, apart from those behind `--`, which commander does not tell apart. */
export function operandsOf({ args }: Command, line: readonly string[]): { plain: string[]; behind: string[] } {
  const at = line.indexOf("--");
  const count = at < 0 ? 0 : Math.min(args.length, line.length - at - 1);
  return { plain: args.slice(0, args.length - count), behind: args.slice(args.length - count) };
}
