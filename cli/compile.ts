// `escapement compile FILE.wasm -o DIR`: WebAssembly to an ECMAScript module, for `run --ahead` and Engine's `ahead`.
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type AheadOptions, compileAhead, UsageError } from "../runtime/index.js";
import { readBytes, reasonOf, writeOutput } from "./files.js";
import { STATUS, UsageFailure } from "./report.js";
import { loadModule } from "./validate.js";

export interface CompileFlags {
  /** Directory that the module goes to. */
  readonly output: string;
  /** A file that `run --profile` wrote. */
  readonly profile?: string;
  readonly schedule: NonNullable<AheadOptions["schedule"]>;
}

/** Functions that were left out are told of one by one, up to so many. */
const MOST_TOLD = 5;

/** @returns the exit status */
export function compile(file: string, { output, profile, schedule }: CompileFlags): number {
  const counts = profile === undefined ? {} : { profile: new TextDecoder().decode(readBytes(profile)) };
  const made = loadModule(file, (bytes) => {
    try {
      return compileAhead(bytes, { schedule, ...counts });
    } catch (error) {
      if (error instanceof UsageError) throw new UsageFailure(error.message);
      throw error;
    }
  });
  if (made === undefined) return STATUS.guestFailed;
  try {
    mkdirSync(output, { recursive: true });
  } catch (error) {
    throw new UsageFailure(`cannot make ${output}: ${reasonOf(error)}`);
  }
  const path = join(output, `${basename(file).replace(/\.wasm$/, "")}.mjs`);
  writeOutput(path, made.text);
  const { compiled, leftOut } = made;
  process.stdout.write(`${path}: ${compiled.length} functions, ${leftOut.length} left to the interpreter\n`);
  for (const { name, reason } of leftOut.slice(0, MOST_TOLD)) process.stdout.write(`  ${name}: ${reason}\n`);
  if (leftOut.length > MOST_TOLD) process.stdout.write(`  and ${leftOut.length - MOST_TOLD} more\n`);
  return STATUS.done;
}
