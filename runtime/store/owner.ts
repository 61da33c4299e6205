import { TypeRegistry } from "../../decoder/index.js";
import { UsageError } from "../errors.js";

/** What values and externs are checked against: a store, or its types alone, which then own no instance's function. */
export interface Owner {
  readonly registry: TypeRegistry;
}

/** Of a thing that an embedder makes in a store. @throws UsageError if it is not given one */
export function requireOwner(what: string, store: Owner | undefined): void {
  if (!(store?.registry instanceof TypeRegistry)) throw new UsageError(`a ${what} needs a Store`);
}
