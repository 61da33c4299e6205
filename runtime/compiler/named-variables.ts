// What a stretch of a function names: kept while it is emitted, so that nobody has to look for names in its text.

/** Of a region, or of a function outside of its regions. Values are named as a whole, not by their parts. */
export class NamedVariables {
  /** Variables that it reads or assigns; some of them, where an operand was dropped, it does not. */
  readonly named = new Set<string>();
  readonly assigned = new Set<string>();
  /** Views of memory. */
  readonly views = new Set<string>();
  /** Variables that hold nothing where it is left. */
  readonly temporaries = new Set<string>();
  /** Whether it can be left for the interpreter. */
  leaves = false;

  assigns(name: string): void {
    this.named.add(name);
    this.assigned.add(name);
  }
}
