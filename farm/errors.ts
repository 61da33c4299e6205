// What goes wrong with a farm, and is nobody's program's fault.

/**
 * usage: what was asked for makes no sense; redis: Redis cannot be reached, or is no Redis that a farm can use;
 * missing: a package that the farm needs is not installed; closed: the farm or worker is.
 */
export type FarmErrorKind = "usage" | "redis" | "missing" | "closed";

export class FarmError extends Error {
  override readonly name = "FarmError";
  constructor(
    readonly kind: FarmErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const usage = (message: string): FarmError => new FarmError("usage", message);
