// The command `python` as commander knows it, and what is so of the whole command. python-script.ts has no other one.
import { Command, CommanderError, Option } from "commander";
import { operandsOf, parseInput, parseSeconds, parseSize, repeated } from "./flags.js";
import {
  buildOption,
  functionsOption,
  guestFlags,
  mountOption,
  preloadOption,
  pythonOption,
  STATUS_HELP,
} from "./guest-options.js";
import { complain } from "./output.js";
import { STATUS, UsageFailure } from "./report.js";

/** The command without subcommands. */
export function rootCommand(): Command {
  return (
    new Command("escapement")
      // What is behind a WASI command's file is the command's.
      .enablePositionalOptions()
      .description("WebAssembly without the host's: exact fuel, hard limits, deterministic. Runs Python in a sandbox.")
      .showHelpAfterError("Add --help for what there is.")
      .exitOverride()
      .addHelpText("after", STATUS_HELP)
  );
}

/**
 * Adds the subcommand `python`.
 * @param line what the user wrote behind the command's name
 * @param load what does it
 * @param onLongRun as python's
 */
export function pythonCommand(
  root: Command,
  line: readonly string[],
  load: () => Promise<Pick<typeof import("./python.js"), "python">>,
  onLongRun?: () => void,
): void {
  guestFlags(
    root
      .command("python")
      .description("run a Python program in MicroPython")
      .usage("[options] [file | -c code] [args...] [-- args...]")
      .argument(
        "[file]",
        "the program; - or a pipe: it is standard input; at a terminal, none begins a conversation, whose lines $ESCAPEMENT_HISTORY keeps (a file; empty: none)",
      )
      .argument("[args...]", "sys.argv; what begins with a hyphen comes behind --")
      .option("-c <code>", "the program as text")
      .addOption(
        new Option("--input <name=json>", "a global that the program begins with; may be repeated").argParser(
          repeated(parseInput),
        ),
      )
      .addOption(mountOption())
      .addOption(functionsOption())
      .addOption(new Option("--timeout <seconds>", "longest run").argParser(parseSeconds))
      .addOption(
        new Option(
          "--output <size>",
          "most bytes of stdout and of stderr (default: all; 1000000 in what --json prints)",
        ).argParser(parseSize),
      )
      .option("--receipt <file>", "write a receipt of the run: see verify")
      .option(
        "--profile <file>",
        "NAME.cpuprofile, NAME.speedscope.json or NAME.svg: where in the program the fuel went",
      )
      .option("--stats", "print fuel, memory and time on standard error")
      .option("--wasm <path>", "a build of MicroPython in place of the package's own: for JavaScript or for WASI")
      .addOption(buildOption())
      .addOption(pythonOption())
      .addOption(preloadOption()),
    "the program (starting Python is free); on CPython 50000000000 by default",
    20_000_000,
    new Option(
      "--tier <tier>",
      "how the guest is executed (default: interpreter, and after a while what was compiled ahead of time, if it was)",
    ),
  ).action(async (_file: string | undefined, _args: string[], flags, command: Command) => {
    const { python } = await load();
    const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
    process.exitCode = await python(operandsOf(command, line), flags, isGiven, onLongRun);
  });
}

/** Does what the user asks for by `line`, and leaves the exit status in `process.exitCode`. */
export async function perform(root: Command, line: readonly string[]): Promise<void> {
  try {
    // Each command's help says what it ends with: nobody has to look for it in the help of all.
    for (const command of root.commands) command.addHelpText("after", STATUS_HELP);
    await root.parseAsync(line, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? STATUS.done : STATUS.usage;
    } else if (error instanceof UsageFailure) {
      complain(error.message);
      process.exitCode = STATUS.usage;
    } else {
      complain(`internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = STATUS.internal;
    }
  }
}
