// One step: what is executed for the next unit of fuel that is paid, which is one instruction with a price, or the entry
// of a function, and the free instructions behind it (drop, block, end, return and the like), up to where the next
// price is to be paid. So the states before and behind it are those in which an execution can run out of fuel.
import { OPCODE_ROWS } from "../../decoder/opcodes.js";
import type { Instruction } from "./code.js";
import { callEmscripten, isEmscripten } from "./emscripten.js";
import { refuse, TrapError } from "./errors.js";
import { callHost } from "./host.js";
import { INSTRUCTIONS, priceOf } from "./instructions.js";
import { Machine } from "./machine.js";
import type { ShownAnswer, ShownHostCall, StepProof } from "./proof.js";
import type { State } from "./state.js";

export interface Stepped {
  readonly fuelBefore: number;
  readonly fuelAfter: number;
  readonly step: StepProof["step"];
  readonly outcome: StepProof["outcome"];
  /** Whether a host function was called. */
  readonly hostCalled: boolean;
  /** Whether the step is right only if functions of the host's are Emscripten's. */
  readonly usesEmscripten: boolean;
}

/** What a proof says of a host's call; or what makes that, of the import's name, the types of its results and the fuel by then. */
export type HostGiven =
  | ShownHostCall
  | ShownAnswer
  | null
  | ((name: string, results: readonly string[], fuel: number) => ShownAnswer);

/** Makes the step, and leaves the state as it is behind it. @throws ProofError if something it needs is not shown */
export function step(state: State, host: HostGiven): Stepped {
  if (!state.isRunning) refuse("no execution is under way");
  let hostCalled = false;
  let usesEmscripten = false;
  const m = new Machine(state, (machine, place, base, isTail) => {
    const name = state.program(place.instance).outline.imports[place.funcidx]!;
    if (state.emscripten !== null && isEmscripten(name)) {
      usesEmscripten = true;
      callEmscripten(machine, state.emscripten, place, isTail);
      return;
    }
    if (hostCalled) refuse("two calls of the host's in one step");
    hostCalled = true;
    const { results } = machine.typeOf(place);
    callHost(typeof host === "function" ? host(name, results, machine.fuel) : host, machine, place, base);
  });
  const fuelBefore = m.fuel;
  const { instance, func } = m;
  const funcidx = state.program(instance).importedFuncs + func;
  const place = m.atEntry
    ? { offset: m.code.instructions[0]!.offset, instruction: "entry of a function" }
    : placeOf(m.pending === null ? m.instruction : m.code.instructions[m.current]!);
  try {
    if (m.atEntry) m.enter();
    else if (m.pending !== null) m.callPending();
    else {
      const price = priceOf(at(m), m.instruction);
      if (price === 0) refuse("the step begins with an instruction that is free");
      m.pay(price);
      execute(m);
    }
    while (m.outcome.kind === "running" && !m.atEntry && priceOf(at(m), m.instruction) === 0) execute(m);
  } catch (error) {
    if (!(error instanceof TrapError)) throw error;
    m.outcome = { kind: "trapped", message: error.trap };
  }
  const fuelAfter = m.fuel;
  m.save();
  return {
    fuelBefore,
    fuelAfter,
    step: { instance, funcidx, ...place },
    outcome: m.outcome,
    hostCalled,
    usesEmscripten,
  };
}

function placeOf({ offset, opcode }: Instruction): { offset: number; instruction: string } {
  return { offset, instruction: OPCODE_ROWS[opcode]!.name };
}

/** Prices of labels are asked where the instruction stands. */
function at(m: Machine): Machine {
  m.current = m.next;
  return m;
}

function execute(m: Machine): void {
  const { instruction } = m;
  m.current = m.next++;
  if (m.top !== m.fp + instruction.height) refuse("the operand stack is not as high as the instruction has it");
  const run = INSTRUCTIONS.get(instruction.opcode);
  if (run === undefined) refuse(`${OPCODE_ROWS[instruction.opcode]!.name} has no proof`);
  run(m, instruction);
}
