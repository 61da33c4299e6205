// Standard output and error: streaming with bounded buffering, and a reader that goes away.
import { STATUS } from "./report.js";

/**
 * Ends the process quietly when nobody reads its output any more, and with status 130 at Ctrl-C. An
 * interrupted guest is thrown away with the process; a guest runs in slices so that the signal is seen.
 */
export function installProcessHandlers(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(STATUS.outputClosed);
      if (stream === process.stdout) complain(`standard output: ${error.message}`);
      process.exit(STATUS.usage);
    });
  }
  process.once("SIGINT", () => process.exit(STATUS.interrupted));
}

/** Resolves once both streams have room again. A turn of the event loop passes in any case, for signals. */
export async function drained(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableNeedDrain) await new Promise((resolve) => stream.once("drain", resolve));
  }
}

/** Writes a line to standard error, in the command's name. */
export function complain(message: string): void {
  process.stderr.write(`escapement: ${message}\n`);
}
