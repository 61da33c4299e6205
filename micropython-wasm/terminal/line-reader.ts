// One line of the user's, read by the host with the terminal in raw mode: where MicroPython's editing is not used.
import { decodeUtf8Lossy } from "../../decoder/index.js";

export const CTRL_C = 3;
export const CTRL_D = 4;
export const BACKSPACE = 8;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;
export const DELETE = 127;
const CTRL_U = 21;
const ESCAPE = 27;
const SPACE = 32;
/** A longer line takes no more. */
const MAX_BYTES = 65_536;

export interface LineReaderEvents {
  /** Bytes for the terminal. */
  show(bytes: Uint8Array): void;
  done(line: string): void;
  /** Ctrl-C. */
  interrupted(): void;
  /** Ctrl-D on an empty line. */
  ended(): void;
  /** Erasing on an empty line; without this it does nothing. */
  left?(): void;
}

export class LineReader {
  private bytes: number[] = [];
  /** What has come of an escape sequence behind ESC, which is skipped. */
  private sequence: string | undefined;

  constructor(private readonly events: LineReaderEvents) {}

  /** @returns whether more is awaited */
  take(byte: number): boolean {
    const { events } = this;
    // Cursor keys and the like, which would leave their letters in the line.
    if (byte === ESCAPE) {
      this.sequence = "";
      return true;
    }
    if (this.sequence !== undefined && byte >= SPACE) {
      this.sequence += String.fromCharCode(byte);
      if (!/^[[O][0-?]*$/.test(this.sequence)) this.sequence = undefined;
      return true;
    }
    this.sequence = undefined;
    const isEmpty = this.bytes.length === 0;
    if (byte === CARRIAGE_RETURN) return this.end(() => events.done(decodeUtf8Lossy(Uint8Array.from(this.bytes))));
    if (byte === CTRL_C) return this.end(() => events.interrupted());
    if (byte === CTRL_D && isEmpty) return this.end(() => events.ended());
    if (byte === BACKSPACE || byte === DELETE) {
      if (isEmpty && events.left !== undefined) {
        events.left();
        return false;
      }
      this.erase();
    } else if (byte === CTRL_U) while (this.bytes.length > 0) this.erase();
    else if (byte >= SPACE && this.bytes.length < MAX_BYTES) {
      this.bytes.push(byte);
      events.show(Uint8Array.of(byte));
    }
    return true;
  }

  private end(tell: () => void): false {
    this.events.show(Uint8Array.of(CARRIAGE_RETURN, LINE_FEED));
    tell();
    return false;
  }

  /** Takes back one character, which may have several bytes and is taken to have one column. */
  private erase(): void {
    let byte = this.bytes.pop();
    if (byte === undefined) return;
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.bytes.pop();
    this.events.show(Uint8Array.of(BACKSPACE, SPACE, BACKSPACE));
  }
}
