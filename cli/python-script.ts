// The command `python` alone, as one script: what becomes dist/bundle/python-*.cjs and cpython-*.cjs. Everything is imported by declarations,
// and nothing is built of the other commands.
import { installProcessHandlers } from "./output.js";
import { python } from "./python.js";
import { perform, pythonCommand, rootCommand } from "./python-line.js";

/**
 * Does a line that begins with `python`; the process's exit status is set.
 * @param onLongRun is called when the program has run for long
 */
export async function start(line: readonly string[], onLongRun: () => void): Promise<void> {
  installProcessHandlers();
  const root = rootCommand();
  pythonCommand(root, line, async () => ({ python }), onLongRun);
  await perform(root, line);
}
