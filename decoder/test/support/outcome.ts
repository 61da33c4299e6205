import { InvalidError, MalformedError, type ParseOptions, parseModule } from "../../index.js";

/** What parsing ends in: "valid", or the error's kind and reason. Any other exception is passed on. */
export function outcome(bytes: Uint8Array, options?: ParseOptions): string {
  try {
    parseModule(bytes, options);
    return "valid";
  } catch (error) {
    if (error instanceof MalformedError || error instanceof InvalidError) return `${error.kind}: ${error.reason}`;
    throw error;
  }
}

/** Milliseconds that a call takes: the least of three, for a machine that is busy with something else. */
export function elapsed(call: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    call();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
