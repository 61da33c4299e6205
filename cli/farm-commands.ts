// The commands of a farm: worker, submit.
import { type Command, Option } from "commander";
import {
  operandsOf,
  parseCount,
  parseInput,
  parsePort,
  parsePositive,
  parseSeconds,
  parseSeed,
  parseSize,
  repeated,
  SCHEDULES,
} from "./flags.js";

/** Where a farm is. */
function farmFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--redis <url>", "redis://HOST:PORT, rediss://HOST:PORT, or the path of a socket").default(
        "redis://127.0.0.1:6379",
      ),
    )
    .addOption(new Option("--queue <name>", "the farm's queue").default("runs"));
}

/** @param line what the user wrote behind the command's name */
export function farmCommands(root: Command, line: readonly string[]): void {
  farmFlags(
    root
      .command("worker")
      .description("run what a farm is asked for: take runs out of a queue in Redis, until a signal asks it to stop"),
  )
    .addOption(
      new Option("--concurrency <count>", "runs at a time, each in a thread").argParser(parsePositive).default(1),
    )
    .option("--name <text>", "who this is in results; no two workers have the same (default: host and process)")
    .addOption(
      new Option("--checkpoint <fuel>", "keep a run's state so often: what a killed worker ran goes on from there")
        .argParser(parsePositive)
        .default(100_000_000),
    )
    .addOption(
      new Option("--stalled-after <seconds>", "a worker that is not heard of for so long has lost its runs")
        .argParser(parseSeconds)
        .default(30),
    )
    .addOption(
      new Option("--max-losses <count>", "how often a run may be lost with its worker, until it fails")
        .argParser(parsePositive)
        .default(10),
    )
    .addOption(new Option("--max-fuel <count>", "refuse runs that ask for more").argParser(parsePositive))
    .addOption(new Option("--max-memory <size>", "refuse runs that ask for more").argParser(parseSize))
    .option("--blobs <folder>", "keep modules, files and states in a folder that all hosts share, not in Redis")
    .addOption(
      new Option("--metrics-port <number>", "serve /metrics for Prometheus, and /healthz; 0 takes any").argParser(
        parsePort,
      ),
    )
    .addOption(new Option("--metrics-host <address>", "where it listens").default("127.0.0.1"))
    .action(async (flags) => {
      const { worker } = await import("./worker.js");
      process.exitCode = await worker(flags);
    });

  farmFlags(
    root
      .command("submit")
      .description("ask a farm for a run, and print what has come of it")
      .usage("[options] [file | -c code] [args...] [-- args...]")
      .argument("[file]", "a Python program, or a binary module")
      .argument(
        "[args...]",
        "the program's, or with --invoke the function's; what begins with a hyphen comes behind --",
      ),
  )
    .option("-c <code>", "a Python program as text")
    .addOption(
      new Option("--input <name=json>", "a global that the program begins with; may be repeated").argParser(
        repeated(parseInput),
      ),
    )
    .option("--invoke <name>", "of a module: call this export, and print its results")
    .addOption(new Option("--fuel <count>", "budget (default: 20000000, of a module 1000000000)").argParser(parseCount))
    .addOption(new Option("--memory <size>", "cap on linear memory (default: 64MiB)").argParser(parseSize))
    .addOption(new Option("--seed <number>", "seed of the guest's random numbers").argParser(parseSeed))
    .addOption(new Option("--timeout <seconds>", "longest attempt (default: 600)").argParser(parseSeconds))
    .addOption(new Option("--schedule <name>", "what instructions cost").choices(SCHEDULES))
    .option("--id <text>", "names the run: asked for again under its id, it is not run again")
    .option("--tenant <name>", "who pays, and whose rate limit applies")
    .addOption(new Option("--priority <number>", "0 (the default) is first").argParser(parseCount))
    .option("--verify <agree/workers>", "as in 2/3: three workers run it, two have to say the same")
    .option("--receipt <file>", "write the receipt: see verify")
    .option("--detach", "print the run's id, and do not wait")
    .option("--json", "print the result as one JSON object")
    .action(async (_file: string | undefined, _args: string[], flags, command: Command) => {
      const { submit } = await import("./submit.js");
      process.exitCode = await submit(operandsOf(command, line), flags);
    });
}
