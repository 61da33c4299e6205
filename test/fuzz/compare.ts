// One module of the corpus: V8, each tier of ours, and the reference stepper. What V8 can tell is compared with V8
// (results, traps, calls of imports, memories, globals); fuel and where it ends with the reference stepper.

import { type DecodedModule, parseModule } from "../../decoder/index.js";
import type { Outcome, Position } from "../../runtime/test/reference/instance.js";
import { referenceTrace } from "../../runtime/test/reference/runner.js";
import {
  type Call,
  exportEverything,
  firstDifference,
  hasJsValues,
  planCalls,
} from "../../runtime/test/support/differential.js";
import {
  type InterpreterOutcome,
  type InterpreterTrace,
  interpreterTrace,
  TIERS,
} from "../../runtime/test/support/interpreter-runner.js";
import { Random } from "../../runtime/test/support/random.js";
import type { Host } from "./host.js";

export interface Comparison {
  /** Each a text that says who differs, where and how; empty if all agree. */
  readonly divergences: readonly string[];
  /** What a call ended in, by kind, on the first tier. */
  readonly ends: Readonly<Record<string, number>>;
  /** Why V8 could not be asked. */
  readonly refused: string | undefined;
  /** Budgets that ended at the same instruction on all tiers and the reference stepper. */
  readonly stops: number;
}

/** Of each call, in every tier. */
const FUEL = 300_000;
/** A backtrace has that many frames at each end of a deep stack. */
const SHOWN_FRAMES = 50;
const SCHEDULE = { schedule: "escapement-2" } as const;

const attempt = <T>(run: () => T): T | Error => {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

/**
 * How many lines of traces say the same in any engine. Where a stack or a heap ends is each engine's own, and JavaScript
 * refuses to pass v128 and exceptions to a function of its own, which the guest may catch: what comes after is not compared.
 */
function comparableLines(module: DecodedModule, ...traces: readonly (readonly string[])[]): number {
  const end = /traps: stack$|runs out of fuel$|limit exceeded|type incompatibility|requested new array is too large/;
  const withoutValues = module.imports.flatMap((entry) => {
    if (entry.kind !== "func") return [];
    const { params, results } = module.registry.funcType(entry.typeId);
    return [...params, ...results].every(hasJsValues) ? [] : [`${entry.name}(`];
  });
  const ends = (line: string): boolean => end.test(line) || withoutValues.some((name) => line.startsWith(name));
  const at = traces.map((trace) => trace.findIndex(ends)).filter((index) => index >= 0);
  return Math.min(Number.POSITIVE_INFINITY, ...at);
}

const shown = (trace: readonly Position[]) => trace.slice(0, SHOWN_FRAMES);

function summary(outcome: Outcome | InterpreterOutcome): string {
  const { kind, fuel } = outcome;
  const trace = "trace" in outcome ? shown(outcome.trace) : [];
  return `${kind}, ${fuel} fuel, at ${trace.map(({ funcidx, offset }) => `${funcidx}:${offset}`).join(" ")}`;
}

function outcomesDiffer(
  expected: readonly (Outcome | InterpreterOutcome)[],
  actual: readonly InterpreterOutcome[],
): string | undefined {
  return firstDifference(expected.map(summary), actual.map(summary));
}

/** @param host null: V8 is not asked */
export async function compareModule(
  seed: number,
  bytes: Uint8Array,
  host: Pick<Host, "trace"> | null,
): Promise<Comparison> {
  const divergences: string[] = [];
  const ends: Record<string, number> = {};
  const report = (who: string, difference: string | Error | undefined): void => {
    if (difference instanceof Error) divergences.push(`${who} failed: ${difference.stack}`);
    else if (difference !== undefined) divergences.push(`${who}: ${difference}`);
  };
  const decoded = attempt(() => parseModule(exportEverything(parseModule(bytes))));
  if (decoded instanceof Error) {
    report("decoder", decoded);
    return { divergences, ends, refused: undefined, stops: 0 };
  }
  const module: DecodedModule = decoded;
  if (importsOneNameTwice(module))
    return { divergences, ends, refused: "one name is imported as two things", stops: 0 };
  const calls = planCalls(module, seed);

  const answer = host === null ? { refused: "not asked" } : await host.trace(module, calls);
  const expected = attempt(() => baseline(module, calls, FUEL));
  if (expected instanceof Error) report("baseline", expected);
  let stops = 0;
  for (const tier of TIERS) {
    const trace = attempt(() => interpreterTrace(module.bytes, calls, { ...SCHEDULE, tier, fuelLimit: FUEL }));
    if (trace instanceof Error) {
      report(tier, trace);
      continue;
    }
    if (tier === TIERS[0]) for (const { kind } of trace.outcomes) ends[kind] = (ends[kind] ?? 0) + 1;
    if ("lines" in answer) {
      const lines = comparableLines(module, answer.lines, trace.lines);
      report(`${tier} against V8`, firstDifference(answer.lines.slice(0, lines), trace.lines.slice(0, lines)));
    }
    // The reference stepper's heap has no end.
    if (expected instanceof Error || trace.lines.some((line) => line.includes("limit exceeded"))) continue;
    report(`${tier} against ${expected.of}`, traceDiffers(expected, trace));
    const random = new Random(seed);
    const slice = (): number => 1 + random.below(random.pick([3, 20, 200]));
    const sliced = attempt(() => interpreterTrace(module.bytes, calls, { ...SCHEDULE, tier, fuelLimit: FUEL, slice }));
    report(`${tier} in slices`, sliced instanceof Error ? sliced : traceDiffers(expected, sliced));
    const stopped = stopsDiffer(tier, module, calls, new Random(~seed));
    if (typeof stopped === "number") stops += stopped;
    else report(`${tier} with little fuel`, stopped);
  }
  return { divergences, ends, refused: "refused" in answer ? answer.refused : undefined, stops };
}

/** Imports are given by name, so no embedder can give such a module what it asks for. */
function importsOneNameTwice({ imports }: DecodedModule): boolean {
  const kinds = new Map<string, string>();
  return imports.some(({ module, name, kind, ...type }) => {
    const key = JSON.stringify([module, name]);
    const asked = JSON.stringify([kind, type]);
    const before = kinds.get(key);
    kinds.set(key, asked);
    return before !== undefined && before !== asked;
  });
}

interface Baseline {
  readonly of: string;
  readonly lines: readonly string[];
  readonly outcomes: readonly (Outcome | InterpreterOutcome)[];
}

/**
 * What the reference stepper gives. It has neither SIMD nor GC: for modules that run into those, what the first tier gives
 * when it is stopped behind every single unit of fuel.
 */
function baseline(module: DecodedModule, calls: readonly Call[], fuel: number): Baseline {
  try {
    return { of: "the reference stepper", ...referenceTrace(module, calls, SCHEDULE, fuel) };
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("the reference stepper does not know"))) throw error;
    const options = { ...SCHEDULE, tier: TIERS[0]!, fuelLimit: fuel, slice: () => 1 };
    return { of: "single steps", ...interpreterTrace(module.bytes, calls, options) };
  }
}

function traceDiffers(expected: Baseline, actual: InterpreterTrace): string | undefined {
  return firstDifference(expected.lines, actual.lines) ?? outcomesDiffer(expected.outcomes, actual.outcomes);
}

/** One call of the module's with budgets that end within it, just before its end, and just after. */
function stopsDiffer(
  tier: string,
  module: DecodedModule,
  calls: readonly Call[],
  random: Random,
): number | string | Error {
  if (calls.length === 0) return 0;
  const call = random.pick(calls);
  const total = baseline(module, [call], FUEL).outcomes[0]?.fuel;
  if (total === undefined || total === 0 || total >= FUEL) return 0;
  const budgets = [random.below(total), total - 1, total];
  for (const budget of budgets) {
    const expected = baseline(module, [call], budget).outcomes;
    const actual = attempt(() => interpreterTrace(module.bytes, [call], { ...SCHEDULE, tier, fuelLimit: budget }));
    if (actual instanceof Error) return actual;
    const difference = outcomesDiffer(expected, actual.outcomes);
    if (difference !== undefined) return `${call.name} with ${budget} of ${total}: ${difference}`;
  }
  return budgets.length;
}
