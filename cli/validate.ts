// Modules from files, and `escapement validate`, which loads no more than the decoder.

import { EscapementError, parseModule } from "../decoder/index.js";
import { readBytes } from "./files.js";
import { complain } from "./output.js";
import { printable, STATUS } from "./report.js";

/** What `compile` makes of a file's bytes; undefined, with a complaint, if they are no valid module. */
export function loadModule<T>(file: string, compile: (bytes: Uint8Array) => T): T | undefined {
  const bytes = readBytes(file);
  try {
    return compile(bytes);
  } catch (error) {
    if (!(error instanceof EscapementError)) throw error;
    complain(`${file}: ${error.kind} module: ${printable(error.message)}`);
    return undefined;
  }
}

/** @returns the exit status */
export function validate(file: string): number {
  return loadModule(file, parseModule) === undefined ? STATUS.guestFailed : STATUS.done;
}
