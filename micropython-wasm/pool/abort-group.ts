// Many runs that one signal aborts: with one listener, of which Node does not warn.

const groups = new WeakMap<AbortSignal, AbortGroup>();

class AbortGroup {
  private readonly aborts = new Set<() => void>();

  constructor(private readonly signal: AbortSignal) {}

  private readonly abortAll = (): void => {
    for (const abort of [...this.aborts]) abort();
  };

  add(abort: () => void): () => void {
    if (this.aborts.size === 0) this.signal.addEventListener("abort", this.abortAll);
    this.aborts.add(abort);
    return () => {
      this.aborts.delete(abort);
      if (this.aborts.size === 0) this.signal.removeEventListener("abort", this.abortAll);
    };
  }
}

/** Calls `abort` when the signal is aborted. Returns what takes that back. */
export function whenAborted(signal: AbortSignal, abort: () => void): () => void {
  let group = groups.get(signal);
  if (group === undefined) {
    group = new AbortGroup(signal);
    groups.set(signal, group);
  }
  return group.add(abort);
}
