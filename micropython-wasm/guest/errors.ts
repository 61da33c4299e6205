// Errors of the MicroPython host. They carry a `kind`, like all errors of this project.

/** The guest handed a host function something that no correct build of MicroPython would. */
export class GuestFault extends Error {
  override readonly name = "GuestFault";
  readonly kind = "trap";
}

/** The guest called abort(). */
export class GuestAborted extends Error {
  override readonly name = "GuestAborted";
  readonly kind = "trap";
}

/** The guest wrote more than the output limit allows and the option says stop. */
export class OutputLimitExceeded extends Error {
  override readonly name = "OutputLimitExceeded";
  readonly kind = "output-limit";
  constructor(
    readonly stream: "stdout" | "stderr",
    readonly limitBytes: number,
  ) {
    super(`${stream} limit exceeded: ${limitBytes} bytes allowed`);
  }
}

/** The embedder passed something wrong: source that is not UTF-8, a bad option, a bad state. */
export class SandboxUsageError extends Error {
  override readonly name = "SandboxUsageError";
  readonly kind = "usage";
}

/** A limit is too low for the interpreter to start. */
export class BootLimitError extends Error {
  override readonly name = "BootLimitError";
  constructor(
    readonly kind: "memory-limit" | "stack",
    message: string,
  ) {
    super(message);
  }
}
