// The text in which the artifact reports an uncaught exception, taken apart.

import { READ_LINE } from "./input-function.py.js";

/** An uncaught Python exception. */
export interface PythonException {
  /** Name of its class. */
  readonly type: string;
  /** Its text, without the class name; may have several lines. */
  readonly message: string;
  /** As MicroPython prints it, class and message included, with a final newline. */
  readonly traceback: string;
}

/** A line of a traceback. */
export interface PythonFrame {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Name of the function, "<module>" at the top level of a file. */
  readonly function: string;
}

const FRAME = /^ {2}File "(.*)", line (\d+)(?:, in (.*))?$/;

/** The frames of a traceback, the innermost last, as it shows them. */
export function tracebackFrames({ traceback }: Pick<PythonException, "traceback">): PythonFrame[] {
  const frames: PythonFrame[] = [];
  for (const text of traceback.split("\n")) {
    const [, file, line, name = "<module>"] = FRAME.exec(text) ?? [];
    if (file !== undefined) frames.push({ file, line: Number(line), function: name });
  }
  return frames;
}

/** Modules of the library that do what is built in on CPython, where it has no frames: `/rom/lib/_compat.py`. */
const STAND_IN = new RegExp(
  `^ {2}File "/rom/lib/_(?:abstract|compat|errors|meta|oswhole|user)\\.py"|^ {2}File "<stdin>", line \\d+, in ${READ_LINE}$`,
);

/**
 * Takes the text apart, and leaves out frames of what stands in for built-in functions: an `open` that fails ends the
 * traceback at the program's own line, as on CPython.
 * @param text `<class name>\x04<traceback>`
 */
export function parseException(text: string): PythonException {
  const split = text.indexOf("\x04");
  const type = split < 0 ? "Exception" : text.slice(0, split);
  const all = text.slice(split + 1).split("\n");
  const end = all.findIndex((line, i) => !FRAME.test(line) && i > 0);
  const lines = all.filter((line, i) => i >= end || !STAND_IN.test(line));
  const traceback = lines.join("\n");
  let i = lines[0] === "Traceback (most recent call last):" ? 1 : 0;
  while (i < lines.length && FRAME.test(lines[i]!)) i++;
  const last = lines.slice(i).join("\n").replace(/\n$/, "");
  const message = last.startsWith(`${type}: `) ? last.slice(type.length + 2) : last === type ? "" : last;
  return { type, message, traceback };
}

/** The traceback of an interrupt without its exception: where the program was. Empty if it has no lines of the program's. */
export function placeOf({ traceback }: PythonException): string {
  const frames = traceback.split("\n").filter((line) => FRAME.test(line));
  return frames.length === 0 ? "" : `Traceback (most recent call last):\n${frames.join("\n")}\n`;
}

/**
 * The status that a process would exit with after this SystemExit: 0 without an argument or
 * with None, the number, or 1 for anything else (which a process prints on stderr).
 */
export function exitStatus(exception: PythonException): number {
  if (exception.message === "" || exception.message === "None") return 0;
  if (/^-?\d+$/.test(exception.message)) return Number(BigInt.asUintN(8, BigInt(exception.message)));
  if (exception.message === "True") return 1;
  if (exception.message === "False") return 0;
  return 1;
}
