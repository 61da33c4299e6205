import type { TypeRegistry } from "../../decoder/index.js";

/** What values and externs are checked against: a store, or its types alone, which then own no instance's function. */
export interface Owner {
  readonly registry: TypeRegistry;
}
