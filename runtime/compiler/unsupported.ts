// What the compiler leaves to the interpreter: functions as a whole, by what they have, and instructions that compiled
// code leaves for. Each row has its reason.

export type UnsupportedFunction = "results" | "variables" | "loop not reached" | "size";

export const UNSUPPORTED_FUNCTIONS: Readonly<Record<UnsupportedFunction, string>> = {
  results: "more than eight results",
  variables: "more locals and operands than V8 compiles in reasonable time",
  "loop not reached": "the loop to be entered lies in a legacy try block, or behind what leaves compiled code",
  size: "V8 optimises no function over 61,440 bytes of bytecode; this one would be larger",
};

/** Thrown while a function is compiled. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
  constructor(readonly reason: UnsupportedFunction) {
    super(UNSUPPORTED_FUNCTIONS[reason]);
  }
}
