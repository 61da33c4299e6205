// Lines that were entered at a prompt, of this session and of earlier ones, to be recalled. MicroPython's own editing
// keeps eight, in its memory; these are the host's, so that they outlast the session and are in none of its snapshots.

/** Where lines are kept from one session to the next. */
export interface HistoryStore {
  /** Those of earlier sessions, the oldest first. */
  readonly lines: readonly string[];
  add(line: string): void;
}

/** More are forgotten. */
export const MAX_HISTORY_LINES = 1000;

export class LineHistory {
  private readonly lines: string[];
  /** The line that is shown; behind the last one is what was being typed. */
  private at: number;
  private draft = "";

  constructor(private readonly store?: HistoryStore | undefined) {
    this.lines = [...(store?.lines ?? [])].slice(-MAX_HISTORY_LINES);
    this.at = this.lines.length;
  }

  /** The line before the one that is shown; undefined if there is none. @param typed what the line shows now */
  older(typed: string): string | undefined {
    if (this.at === 0) return undefined;
    if (this.at === this.lines.length) this.draft = typed;
    return this.lines[--this.at];
  }

  /** The line behind the one that is shown, at last what was being typed; undefined if that is shown. */
  newer(): string | undefined {
    if (this.at === this.lines.length) return undefined;
    return ++this.at === this.lines.length ? this.draft : this.lines[this.at];
  }

  /** A line has been entered, or dropped: what is typed next stands behind all others. */
  enter(line: string): void {
    const { lines } = this;
    if (line.trim() !== "" && line !== lines.at(-1)) {
      lines.push(line);
      if (lines.length > MAX_HISTORY_LINES) lines.shift();
      this.store?.add(line);
    }
    this.at = lines.length;
    this.draft = "";
  }
}
