// Cursor keys as the control characters that MicroPython's line editor knows as well: from 1.29 on it takes an ESC for
// a key of its own, which drops the line, and the rest of the sequence for text.

const ESCAPE = 27;
const SPACE = 32;

/** Final byte of a sequence, or number before `~`: the control character, and whether it means something else on an empty line. */
const KEYS: ReadonlyMap<string, { readonly byte: number; readonly onlyInText: boolean }> = new Map([
  ["A", { byte: 16, onlyInText: false }], // up: Ctrl-P
  ["B", { byte: 14, onlyInText: false }], // down: Ctrl-N
  ["C", { byte: 6, onlyInText: false }], // right: Ctrl-F
  ["D", { byte: 2, onlyInText: true }], // left: Ctrl-B, which on an empty line shows the banner
  ["H", { byte: 1, onlyInText: true }], // home: Ctrl-A, MicroPython's raw mode
  ["F", { byte: 5, onlyInText: true }], // end: Ctrl-E, paste mode
  ["1~", { byte: 1, onlyInText: true }],
  ["7~", { byte: 1, onlyInText: true }],
  ["4~", { byte: 5, onlyInText: true }],
  ["8~", { byte: 5, onlyInText: true }],
  ["3~", { byte: 4, onlyInText: true }], // delete: Ctrl-D, the end of input
]);

/** Takes bytes as a terminal sends them, one at a time. */
export class EscapeKeys {
  /** What has come of a sequence behind ESC. */
  private sequence: string | undefined;

  /**
   * @param isEmpty whether the line is
   * @returns what to give to the line editor: the byte itself, a control character, or nothing
   */
  take(byte: number, isEmpty: boolean): number | undefined {
    if (byte === ESCAPE) {
      this.sequence = "";
      return undefined;
    }
    if (this.sequence === undefined || byte < SPACE) {
      this.sequence = undefined;
      return byte;
    }
    const sequence = this.sequence + String.fromCharCode(byte);
    const isWhole = !/^[[O][0-?]*$/.test(sequence);
    this.sequence = isWhole ? undefined : sequence;
    if (!isWhole) return undefined;
    const key = KEYS.get(sequence.slice(1));
    return key === undefined || (isEmpty && key.onlyInText) ? undefined : key.byte;
  }
}
