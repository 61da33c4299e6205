// The two ways in which a module's bytes can be wrong. Both name the byte offset.
// Malformed: the bytes are not in the grammar of the binary format (spec, chapter 5).
// Invalid: they are, but the module breaks a validation rule (spec, chapter 3), or
// an implementation limit (JavaScript API, "Implementation-defined Limits").

/** What kind of failure an {@link EscapementError} is; every error of this project has one. */
export type ErrorKind =
  | "malformed"
  | "invalid"
  | "link"
  | "trap"
  | "exception"
  | "fuel"
  | "stack"
  | "memory-limit"
  | "host"
  | "usage"
  | "crash";

/** Base of all errors that this project throws on purpose. Switch on {@link kind}, not on the message. */
export abstract class EscapementError extends Error {
  abstract readonly kind: ErrorKind;
}

/** The bytes are not a WebAssembly module. */
export class MalformedError extends EscapementError {
  override readonly name = "MalformedError";
  readonly kind = "malformed";
  /**
   * @param reason what is wrong, starting with the test suite's words
   * @param offset byte offset in the module
   */
  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(`${reason} (at byte ${offset})`);
  }
}

/** The bytes decode, but break a validation rule or an implementation limit. */
export class InvalidError extends EscapementError {
  override readonly name = "InvalidError";
  readonly kind = "invalid";
  /**
   * @param reason what is wrong, starting with the test suite's words
   * @param offset byte offset in the module
   * @param funcidx the function whose body is wrong, if one is
   */
  constructor(
    readonly reason: string,
    readonly offset: number,
    readonly funcidx: number = -1,
  ) {
    super(funcidx < 0 ? `${reason} (at byte ${offset})` : `${reason} (in function ${funcidx}, at byte ${offset})`);
  }
}
