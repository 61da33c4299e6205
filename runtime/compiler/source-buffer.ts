// Lines of generated source, and places in it that are written last: checks of fuel, whose amount is known when
// everything behind them has been emitted.

/** A stretch of code from a check, or from where ways join, to the next ones. */
export class Segment {
  cost = 0;
  /** Fuel that the way from here to the next check takes at the most; see {@link resolveSegments}. */
  most = 0;
  readonly next: Segment[] = [];
  constructor(readonly isCheck: boolean) {}
}

/** @param segments in the order of their code: ways lead forward, or to a check */
export function resolveSegments(segments: readonly Segment[]): void {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i]!;
    for (const { isCheck, most } of segment.next) if (!isCheck) segment.most = Math.max(segment.most, most);
    segment.most += segment.cost;
  }
}

/** Blocks of a br_table's cases lie in each other by the hundred. */
const MOST_INDENT = 40;

/** A line, or what makes it when costs are known. */
export type SourceLine =
  | string
  | { readonly indent: string; readonly segment: Segment; readonly text: (most: number) => string };

export class SourceBuffer {
  private readonly lines: SourceLine[] = [];
  private indent = "    ";

  get length(): number {
    return this.lines.length;
  }

  /** Characters so far, but for indentation. */
  size = 0;

  line(text: string): void {
    this.size += text.length;
    this.lines.push(this.indent.slice(0, MOST_INDENT) + text);
  }
  open(text: string): void {
    this.line(text);
    this.indent += "  ";
  }
  close(text = "}"): void {
    this.indent = this.indent.slice(2);
    this.line(text);
  }
  /** `} else {` and the like. */
  turn(text: string): void {
    this.close(text);
    this.indent += "  ";
  }

  /** A line that is made when the cost of `segment` is known. */
  later(segment: Segment, text: (most: number) => string): void {
    this.lines.push({ indent: this.indent, segment, text });
  }

  /** What `write` writes, in place of writing it. */
  aside(write: () => void): string[] {
    const at = this.lines.length;
    const { indent } = this;
    this.indent = "";
    write();
    this.indent = indent;
    return this.lines.splice(at) as string[];
  }

  /** Forgets everything from line `length` on. */
  truncate(length: number): void {
    this.lines.length = length;
  }

  /** Takes everything from line `length` on out. */
  take(length: number): readonly SourceLine[] {
    const taken = this.lines.splice(length);
    for (const line of taken) if (typeof line === "string") this.size -= line.trimStart().length;
    return taken;
  }

  toString(lines: readonly SourceLine[] = this.lines): string {
    return lines
      .map((line) =>
        typeof line === "string" ? line : line.indent.slice(0, MOST_INDENT) + line.text(line.segment.most),
      )
      .join("\n");
  }
}
