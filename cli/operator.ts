// What the operator of a server gives to its sandboxes: files of the host's, and functions.
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type SandboxFunction, SandboxUsageError } from "../micropython-wasm/index.js";
import type { MountFlag } from "./flags.js";
import { UsageFailure } from "./report.js";

export interface Functions {
  readonly functions: Readonly<Record<string, SandboxFunction>>;
  readonly modules: Readonly<Record<string, Readonly<Record<string, SandboxFunction>>>>;
}

/**
 * Reads the values of `--input`: a path on the host, which the guest sees below /input by its last part, or
 * `PATH=NAME`.
 * @returns files by their paths below /input
 * @throws UsageFailure if something cannot be read, or two have one name
 */
export async function readInputs(inputs: readonly string[]): Promise<Record<string, Uint8Array>> {
  const mounts: Record<string, string> = Object.create(null);
  for (const input of inputs) {
    // A file whose own name has the sign comes first.
    const [, path = input, given] = (!existsSync(input) && /^(.+)=([^=]+)$/s.exec(input)) || [];
    const name = given?.replace(/\/+$/, "") ?? basename(resolve(path));
    if (name.split("/").some((part) => part === "" || part === "." || part === "..")) {
      throw new UsageFailure(`--input ${input}: ${JSON.stringify(name)} is no name below /input; PATH=NAME gives one`);
    }
    if (name in mounts) throw new UsageFailure(`--input ${input}: there is already a ${name}; PATH=NAME gives another`);
    mounts[name] = path;
  }
  // Not before it is needed: python, which uses the functions below, would wait for a reader of archives.
  const { readHostFiles } = await import("../micropython-wasm/node.js");
  try {
    return await readHostFiles(mounts);
  } catch (error) {
    if (!(error instanceof SandboxUsageError)) throw error;
    throw new UsageFailure(`--input: ${error.message}`);
  }
}

/** What a CommonJS module exports besides, and has no name in Python. */
const UNNAMED = new Set(["default", "module.exports"]);

/**
 * Loads a JavaScript module for `--functions`: an export that is a function is one of the guest's global
 * functions, an export that is an object of functions is a module that the guest can import.
 * @throws UsageFailure if it cannot be loaded, or exports anything else
 */
export async function loadFunctions(file: string): Promise<Functions> {
  // Node's own message for a file that is missing names files of ours.
  if (!existsSync(file)) throw new UsageFailure(`cannot load ${file}: no such file`);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageFailure(`cannot load ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const functions: Record<string, SandboxFunction> = {};
  const modules: Record<string, Record<string, SandboxFunction>> = {};
  const named = Object.entries(exported).filter(([name]) => !UNNAMED.has(name));
  for (const [name, value] of named) {
    requireIdentifier(file, name);
    if (isFunction(value)) functions[name] = value;
    else if (typeof value === "object" && value !== null) modules[name] = membersOf(file, name, value);
    else throw new UsageFailure(`${file} exports ${name}, which is neither a function nor an object of functions`);
  }
  if (named.length === 0) throw new UsageFailure(`${file} exports nothing by name: export each function by its name`);
  return { functions, modules };
}

function membersOf(file: string, module: string, value: object): Record<string, SandboxFunction> {
  const members: Record<string, SandboxFunction> = {};
  for (const [name, member] of Object.entries(value)) {
    requireIdentifier(file, name);
    if (!isFunction(member)) throw new UsageFailure(`${file} exports ${module}, whose ${name} is not a function`);
    members[name] = member;
  }
  return members;
}

function isFunction(value: unknown): value is SandboxFunction {
  return typeof value === "function";
}

function requireIdentifier(file: string, name: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
  throw new UsageFailure(`${file} exports ${JSON.stringify(name)}, which is not a name in Python`);
}

/** Names that are shown of each kind. */
const SHOWN = 20;

/** What agents may do in a folder. */
const FOLDERS: Readonly<Record<MountFlag["access"], string>> = {
  "read-only": "is the operator's, and can be read",
  "read-write": "is the operator's: what is written there stays when the sandbox is gone",
  overlay: "is a copy of the operator's: changes are the sandbox's own",
};

/** What agents are told of all this. */
export function describeProvided(
  { functions, modules }: Functions,
  files: readonly string[],
  mounts: readonly MountFlag[] = [],
  notes = "",
): string {
  const list = (names: readonly string[]) =>
    names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "");
  const sentences: string[] = [];
  const globals = Object.keys(functions);
  if (globals.length > 0) sentences.push(`Functions that can be called: ${list(globals)}.`);
  for (const [name, members] of Object.entries(modules)) {
    sentences.push(`import ${name} gives ${list(Object.keys(members).map((member) => `${name}.${member}`))}.`);
  }
  if (files.length > 0) sentences.push(`Files that can be read: ${list(files.map((path) => `/input/${path}`))}.`);
  for (const { guest, access } of mounts) sentences.push(`The folder ${guest} ${FOLDERS[access]}.`);
  if (notes !== "") sentences.push(notes);
  return sentences.join(" ");
}
