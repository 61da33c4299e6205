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
