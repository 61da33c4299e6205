// The line of the terminal that the cursor is on, rebuilt from what was written to it: so the host knows what
// MicroPython's line editing shows without taking part in it.
//
// Understood are the control characters and sequences that MicroPython edits lines with: BS, CR, LF,
// ESC [ n C, ESC [ n D, ESC [ K. Other sequences of that form (colours) take no room; nothing else moves the cursor.
import { decodeUtf8Lossy } from "../../decoder/index.js";

const BELL = 7;
const BACKSPACE = 8;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const ESCAPE = 27;
const SPACE = 32;
/** Longer lines lose their beginning. */
const MAX_CELLS = 8192;
const LONGEST_SEQUENCE = 16;

export class ScreenLine {
  private cells: number[] = [];
  private column = 0;
  /** What has come of a sequence that is not complete; undefined outside of one. */
  private sequence: string | undefined;

  /** What the line shows, with the spaces that were written at its end. */
  get text(): string {
    return decodeUtf8Lossy(Uint8Array.from(this.cells));
  }

  write(bytes: Uint8Array): void {
    const lastLine = bytes.lastIndexOf(LINE_FEED) + 1;
    if (lastLine > 0) {
      this.cells = [];
      this.column = 0;
      this.sequence = undefined;
    }
    for (let i = lastLine; i < bytes.length; i++) this.put(bytes[i]!);
  }

  private put(byte: number): void {
    if (this.sequence !== undefined) this.continueSequence(byte);
    else if (byte === ESCAPE) this.sequence = "";
    else if (byte === CARRIAGE_RETURN) this.column = 0;
    else if (byte === BACKSPACE) this.move(-1);
    else if (byte >= SPACE) {
      while (this.cells.length < this.column) this.cells.push(SPACE);
      this.cells[this.column++] = byte;
      if (this.cells.length > MAX_CELLS) {
        this.cells.splice(0, MAX_CELLS / 2);
        this.move(-MAX_CELLS / 2);
      }
    } else if (byte !== BELL) this.sequence = undefined;
  }

  private continueSequence(byte: number): void {
    const sequence = this.sequence! + String.fromCharCode(byte);
    const [, count, final] = /^\[([0-?]*)([@-~]?)$/.exec(sequence) ?? [];
    this.sequence = final === "" && sequence.length < LONGEST_SEQUENCE ? sequence : undefined;
    if (final === "K" && count === "") this.cells.length = Math.min(this.cells.length, this.column);
    else if (final === "C") this.move(Number(count || 1));
    else if (final === "D") this.move(-Number(count || 1));
  }

  private move(columns: number): void {
    this.column = Math.min(MAX_CELLS, Math.max(0, this.column + (Number.isFinite(columns) ? columns : 0)));
  }
}
