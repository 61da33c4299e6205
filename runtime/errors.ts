// The ways in which an execution can end other than by returning. Every class carries a
// `kind` (decoder/errors.ts); embedders switch on that.
import { EscapementError, type TrapMessage } from "../decoder/index.js";

export { EscapementError };

/** One wasm frame of a backtrace, innermost first. */
export interface BacktraceFrame {
  /** Name from the name section or an export, undefined if the module has none. */
  readonly name: string | undefined;
  readonly moduleName: string | undefined;
  readonly funcidx: number;
  /** Byte offset of the instruction in the module. */
  readonly offset: number;
}

/** Imports do not fit a module, or an active segment does not fit (spec 4.5.4). */
export class LinkError extends EscapementError {
  override readonly name = "LinkError";
  readonly kind = "link";
}

/** A trap (spec 4.2.1): the instruction has no result, the execution is over. */
export class Trap extends EscapementError {
  override readonly name: string = "Trap";
  readonly kind: "trap" | "stack" | "memory-limit" | "fuel" = "trap";
  /** Innermost frame first; filled in by the interpreter. */
  backtrace: readonly BacktraceFrame[] = [];
  constructor(readonly reason: TrapMessage | (string & {})) {
    super(reason);
  }
}

/** Non-spec: the guest's call stack reached the store's limit. */
export class StackExhausted extends Trap {
  override readonly name = "StackExhausted";
  override readonly kind = "stack";
  constructor(
    readonly limit: number,
    readonly unit: "register slots" | "frames",
  ) {
    super("call stack exhausted");
  }
}

/** Non-spec: growth or allocation went past a cap and the store is configured to trap. */
export class MemoryLimitExceeded extends Trap {
  override readonly name = "MemoryLimitExceeded";
  override readonly kind = "memory-limit";
  constructor(
    readonly resource: "linear memory" | "table elements" | "GC heap" | "instances" | "memories" | "tables",
    readonly requested: number,
    readonly limit: number,
  ) {
    super(`${resource} limit exceeded: ${requested} requested, ${limit} allowed`);
  }
}

/** Non-spec: fuel ran out where the execution cannot pause (start functions, nested synchronous calls). */
export class FuelExhausted extends Trap {
  override readonly name = "FuelExhausted";
  override readonly kind = "fuel";
  constructor() {
    super("all fuel consumed");
  }
}

/** A host function threw something that is not of this project; `cause` holds it. */
export class HostError extends EscapementError {
  override readonly name = "HostError";
  readonly kind = "host";
  backtrace: readonly BacktraceFrame[] = [];
  constructor(
    readonly functionName: string,
    override readonly cause: unknown,
  ) {
    super(`host function ${functionName} failed: ${describeThrown(cause)}`);
  }
}

/** The message of what a host function threw, which may be anything, even an object that throws when it is asked. */
function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.message}` : String(thrown);
  } catch {
    return "what it threw has no description";
  }
}

/** The embedder used the API wrongly: a wrong argument, a call in the wrong state. */
export class UsageError extends EscapementError {
  override readonly name = "UsageError";
  readonly kind = "usage";
}

/** A bug of ours: an invariant that validation guarantees did not hold. */
export class Crash extends EscapementError {
  override readonly name = "Crash";
  readonly kind = "crash";
}
