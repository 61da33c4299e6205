// The runner of support/differential.ts for the reference stepper.

import type { DecodedModule, Import } from "../../../decoder/module.js";
import { isNullable, isRef, type ValType } from "../../../decoder/types.js";
import {
  ADDED_EXPORTS,
  type Call,
  describeCall,
  describeMemory,
  describeValue,
  describeValues,
  trapClass,
} from "../support/differential.js";
import { type ImportValue, type Options, type Outcome, ReferenceInstance } from "./instance.js";
import { type Operand, ReferenceGlobal, ReferenceMemory, ReferenceTable, ReferenceTag, TrapError } from "./operands.js";

export interface ReferenceTrace {
  readonly lines: readonly string[];
  /** Per call, in order; fewer than calls if one ran out of fuel, which ends the run. */
  readonly outcomes: readonly Outcome[];
  /** Undefined if instantiation trapped. */
  readonly instance: ReferenceInstance | undefined;
}

function zero(type: ValType): Operand {
  return isRef(type) ? (isNullable(type) ? null : { kind: "extern", host: {} }) : 0n;
}

function stub(module: DecodedModule, entry: Import, lines: string[]): ImportValue {
  switch (entry.kind) {
    case "func": {
      const { params, results } = module.registry.funcType(entry.typeId);
      return (args) => {
        lines.push(describeCall(entry.name, params, args));
        return results.map(zero);
      };
    }
    case "global":
      return new ReferenceGlobal(zero(entry.type.type));
    case "memory": {
      const { limits, pageSizeLog2 } = entry.type;
      return new ReferenceMemory(limits.min, limits.max ?? Number.POSITIVE_INFINITY, pageSizeLog2);
    }
    case "table":
      return new ReferenceTable(entry.type.limits.min, entry.type.limits.max ?? Number.POSITIVE_INFINITY, null);
    case "tag":
      return new ReferenceTag(entry.typeId);
  }
}

/**
 * An instance whose imports are stubs, which write their calls into `lines`.
 * @throws TrapError if an active segment does not fit
 */
export function stubbedInstance(module: DecodedModule, lines: string[], options: Options = {}): ReferenceInstance {
  const imports: Record<string, Record<string, ImportValue>> = {};
  for (const entry of module.imports) {
    imports[entry.module] ??= {};
    imports[entry.module]![entry.name] = stub(module, entry, lines);
  }
  return new ReferenceInstance(module, imports, options);
}

/** What can be seen of an instance of {@link exportEverything} when its calls are done: memories and globals. */
export function describeState(module: DecodedModule, instance: ReferenceInstance): string[] {
  return module.exports
    .filter(({ name }) => name.startsWith(ADDED_EXPORTS))
    .map(({ kind, index }) =>
      kind === "memory"
        ? describeMemory(index, instance.memories[index]!.bytes)
        : `global ${index}: ${describeValue(module.globals[index]!.type, instance.globals[index]!.value)}`,
    );
}

/** @param fuelLimit per call; a call that exceeds it is the last one, with a line of its own */
export function referenceTrace(
  module: DecodedModule,
  calls: readonly Call[],
  options: Options = {},
  fuelLimit = 2_000_000,
): ReferenceTrace {
  const lines: string[] = [];
  const outcomes: Outcome[] = [];
  let instance: ReferenceInstance;
  try {
    instance = stubbedInstance(module, lines, options);
  } catch (error) {
    if (!(error instanceof TrapError)) throw error;
    lines.push(`instantiation traps: ${trapClass(error.trap)}`);
    return { lines, outcomes, instance: undefined };
  }
  const { started } = instance;
  if (started?.kind === "trap" || started?.kind === "exception") {
    lines.push(started.kind === "trap" ? `instantiation traps: ${trapClass(started.trap)}` : "instantiation throws");
    return { lines, outcomes, instance };
  }
  for (const { name, params, results, args } of calls) {
    const line = describeCall(name, params, args);
    const outcome = instance.invoke(name, args, fuelLimit);
    outcomes.push(outcome);
    if (outcome.kind === "results") lines.push(`${line} -> ${describeValues(results, outcome.results)}`);
    else if (outcome.kind === "trap") lines.push(`${line} traps: ${trapClass(outcome.trap)}`);
    else if (outcome.kind === "exception") lines.push(`${line} throws`);
    else {
      lines.push(`${line} runs out of fuel`);
      return { lines, outcomes, instance };
    }
  }
  lines.push(...describeState(module, instance));
  return { lines, outcomes, instance };
}
