// Every budget from none to all of what a call costs: it must stop where the reference stepper says, having used no
// more than it was given, in a state that a snapshot keeps and that goes on to the same end.
import { deepEqual, equal, ok } from "node:assert/strict";
import { type DecodedModule, parseModule } from "../../../decoder/index.js";
import { captureStore, type Execution, encodeSnapshot } from "../../index.js";
import type { Position, ReferenceInstance } from "../reference/instance.js";
import { TrapError } from "../reference/operands.js";
import { describeState, stubbedInstance } from "../reference/runner.js";
import { type Call, describeCall, describeValues, exportEverything, planCalls, trapClass } from "./differential.js";
import { describeEnd, World } from "./interpreter-runner.js";
import { Linked, type Program } from "./snapshot-programs.js";

export interface BudgetOptions {
  /** Calls that cost more are left out. */
  readonly most: number;
  /** Every so many budgets are tried; all of them by default. */
  readonly every?: number;
  /** Whether the reference stepper knows the module's instructions: 64-bit SIMD and GC it does not. */
  readonly reference?: boolean;
}

/** What was seen, to assert that a test saw enough. */
export interface BudgetTally {
  calls: number;
  budgets: number;
  /** How the calls ended. */
  readonly kinds: Set<string>;
}

export function newTally(): BudgetTally {
  return { calls: 0, budgets: 0, kinds: new Set() };
}

/** A backtrace shows that many frames at each end of a deep stack. */
const SHOWN_FRAMES = 50;

/** As deepEqual, with both values and what they are about in the message. */
function same<T>(actual: T, expected: T, what: string): void {
  try {
    deepEqual(actual, expected);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`);
  }
}

interface Expected {
  readonly total: number;
  readonly kind: string;
  /** Calls of imports, the call's own line, then memories and globals. */
  readonly lines: readonly string[];
  /** Where a budget below the total stops, and what it has used by then; null if nobody knows. */
  readonly stopAt: ((budget: number) => { readonly used: number; readonly trace: readonly Position[] }) | null;
}

/** Tries every exported function of a module, with the arguments that planCalls gives for `seed`. */
export function checkModule(what: string, bytes: Uint8Array, seed: number, options: BudgetOptions, tally: BudgetTally) {
  const complete = exportEverything(parseModule(bytes));
  for (const call of planCalls(parseModule(complete), seed)) {
    checkCall(`${what}, ${call.name}`, complete, call, options, tally);
  }
}

/** Tries one call. `bytes`: as exportEverything gives them. */
export function checkCall(what: string, bytes: Uint8Array, call: Call, options: BudgetOptions, tally: BudgetTally) {
  const { most, every = 1, reference = true } = options;
  const expected = reference ? ofReference(bytes, call, most) : ofWholeRun(bytes, call, most);
  if (expected === undefined) return;
  tally.calls++;
  tally.kinds.add(expected.kind);
  const stepped = new World(bytes, [], {}, true);
  const steps = stepped.start(call);
  for (let budget = 0; budget <= expected.total; budget += every) {
    tally.budgets++;
    // A fresh engine now and then: it lowers anew.
    const like = tally.budgets % 16 === 0 ? undefined : stepped;
    const snapshot = checkBudget(`${what}, ${budget} of ${expected.total}`, bytes, call, budget, expected, like);
    steps.run(budget === 0 ? 0 : every);
    // The same state by small steps is the same bytes.
    if (snapshot !== undefined)
      ok(isSame(snapshot, stepped.capture(steps)), `${what}, ${budget}: other bytes by steps`);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** @returns the snapshot there; undefined at the end */
function checkBudget(
  what: string,
  bytes: Uint8Array,
  call: Call,
  budget: number,
  expected: Expected,
  like: World | undefined,
): Uint8Array | undefined {
  const { total, stopAt } = expected;
  const lines: string[] = [];
  const world = new World(bytes, lines, {}, true, like);
  const execution = world.start(call);
  const result = execution.run(budget);
  ok(execution.fuelUsed <= budget, `${what}: ${execution.fuelUsed} used`);
  equal(execution.fuelLeft, budget - execution.fuelUsed, what);
  if (budget === total) {
    expectEnd(what, call, execution, result, world, lines, expected);
    return undefined;
  }
  const end = describeEnd(call, execution, result);
  equal(end.kind, "out of fuel", what);
  if (stopAt !== null) {
    const { used, trace } = stopAt(budget);
    same({ used: end.fuel, trace: end.trace.slice(0, SHOWN_FRAMES) }, { used, trace }, what);
  }
  const snapshot = world.capture(execution);
  if (budget % 3 === 1) checkInexact(what, bytes, call, budget, expected, like, snapshot);
  const movedLines = [...lines];
  const moved = new World(bytes, movedLines, {}, false, like);
  const restored = moved.restore(snapshot);
  same([restored.fuelUsed, restored.fuelLeft], [execution.fuelUsed, execution.fuelLeft], what);
  expectEnd(`${what}, restored`, call, restored, restored.run(total - budget), moved, movedLines, expected);
  expectEnd(`${what}, gone on`, call, execution, execution.run(total - budget), world, lines, expected);
  return snapshot;
}

/** Stopped before a segment that cannot be paid: looked at, it is on the way to the very instruction; or it just goes on. */
function checkInexact(
  what: string,
  bytes: Uint8Array,
  call: Call,
  budget: number,
  expected: Expected,
  like: World | undefined,
  snapshot: Uint8Array,
): void {
  for (const isLookedAt of [true, false]) {
    const lines: string[] = [];
    const world = new World(bytes, lines, {}, true, like);
    const execution = world.start(call);
    execution.run(budget, false);
    ok(execution.fuelUsed <= budget, `${what}, inexact: ${execution.fuelUsed} used`);
    equal(execution.fuelLeft, budget - execution.fuelUsed, `${what}, inexact`);
    if (isLookedAt) {
      world.capture(execution);
      ok(execution.fuelUsed <= budget, `${what}, inexact and looked at: ${execution.fuelUsed} used`);
      execution.run(0);
      ok(isSame(world.capture(execution), snapshot), `${what}, inexact: another state`);
    }
    const half = (expected.total - budget) >> 1;
    let result = execution.run(half, false);
    if (result.status === "paused") result = execution.run(expected.total - budget - half);
    expectEnd(`${what}, inexact`, call, execution, result, world, lines, expected);
  }
}

function expectEnd(
  what: string,
  call: Call,
  execution: ReturnType<World["start"]>,
  result: ReturnType<ReturnType<World["start"]>["run"]>,
  world: World,
  lines: readonly string[],
  expected: Expected,
): void {
  const end = describeEnd(call, execution, result);
  same([...lines, end.line, ...world.describe()], expected.lines, what);
  same([end.fuel, execution.fuelLeft], [expected.total, 0], what);
}

/** Undefined if a segment or the start function traps. */
function instantiated(module: DecodedModule, lines: string[]): ReferenceInstance | undefined {
  try {
    const instance = stubbedInstance(module, lines);
    return (instance.started?.kind ?? "results") === "results" ? instance : undefined;
  } catch (error) {
    if (error instanceof TrapError) return undefined;
    throw error;
  }
}

/** What the reference stepper says; undefined if the call costs more than `most`. */
function ofReference(bytes: Uint8Array, call: Call, most: number): Expected | undefined {
  const module = parseModule(bytes);
  const lines: string[] = [];
  const instance = instantiated(module, lines);
  if (instance === undefined) return undefined;
  const { outcome, stops } = instance.invokeStopping(call.name, call.args, most);
  if (outcome.kind === "out of fuel") return undefined;
  if (outcome.kind === "trap" && outcome.trap === "call stack exhausted") return undefined;
  const line = describeCall(call.name, call.params, call.args);
  if (outcome.kind === "results") lines.push(`${line} -> ${describeValues(call.results, outcome.results)}`);
  else lines.push(outcome.kind === "trap" ? `${line} traps: ${trapClass(outcome.trap)}` : `${line} throws`);
  lines.push(...describeState(module, instance));
  return {
    total: outcome.fuel,
    kind: outcome.kind,
    lines,
    stopAt: (budget) => {
      const stop = stops.find(({ after }) => after > budget)!;
      return { used: stop.before, trace: stop.trace.slice(0, SHOWN_FRAMES) };
    },
  };
}

/** What a run with all the fuel gives. */
function ofWholeRun(bytes: Uint8Array, call: Call, most: number): Expected | undefined {
  const lines: string[] = [];
  const world = new World(bytes, lines, {}, true);
  const execution = world.start(call);
  const { kind, line, fuel } = describeEnd(call, execution, execution.run(most));
  if (kind === "out of fuel") return undefined;
  return { total: fuel, kind, lines: [...lines, line, ...world.describe()], stopAt: null };
}

/**
 * A program of what the reference stepper does not know: several instances, invoke frames and longjmp, host calls that
 * charge, a heap at its limit. Any budget at once must stop where single units of fuel do, in the same state.
 * @param every every so many budgets are tried at once, from `first` on, and the last
 * @returns how many budgets there are
 */
export function checkAgainstSteps(program: Program, every = 1, first = 0): number {
  const stepped = new Linked(program);
  const steps = stepped.start();
  let budget = 0;
  for (let isOver = false; !isOver; budget++) {
    isOver = steps.run(budget === 0 ? 0 : 1).status !== "paused";
    if (!isOver && budget % every !== first) continue;
    const world = new Linked(program);
    const execution = world.start();
    const { status } = execution.run(budget);
    same([status, execution.fuelUsed], [steps.outcome!.status, steps.fuelUsed], `budget ${budget}`);
    ok(execution.fuelUsed <= budget, `budget ${budget}: ${execution.fuelUsed} used`);
    equal(execution.fuelLeft, budget - execution.fuelUsed, `budget ${budget}`);
    if (isOver) continue;
    const [atOnce, bySteps] = [captureOf(world, execution), captureOf(stepped, steps)];
    ok(isSame(atOnce, bySteps), `budget ${budget}: other bytes by steps`);
  }
  return budget;
}

function captureOf({ subject }: Linked, execution: Execution): Uint8Array {
  return encodeSnapshot(captureStore(subject, { execution }), { compress: false });
}
