// Characters beyond ASCII at the prompt: MicroPython's line editing takes none, and drops them in silence. They are
// typed as the escape that means the same in a text, so that what is shown is what is run: é comes as \u00e9.
import { decodeUtf8Strict } from "../../decoder/index.js";

const LONGEST = 4;

export class CharacterKeys {
  /** What has come of a character that is not whole. */
  private bytes: number[] = [];

  /** @returns the keys to press for a byte that was typed */
  take(byte: number): readonly number[] {
    if (byte < 0x80) {
      this.bytes = [];
      return [byte];
    }
    const isContinuation = (byte & 0xc0) === 0x80;
    this.bytes = isContinuation ? [...this.bytes, byte] : [byte];
    const text = decodeUtf8Strict(Uint8Array.from(this.bytes));
    if (typeof text === "number") {
      if (this.bytes.length >= LONGEST) this.bytes = [];
      return [];
    }
    this.bytes = [];
    return keysOf(text);
  }
}

/** The keys that type a text; what is no character of it is left out. */
export function keysOf(text: string): number[] {
  return [...text].flatMap((character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) return [];
    return code < 0x7f ? [code] : [...escapeOf(character)].map((key) => key.charCodeAt(0));
  });
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  const digits = code.toString(16);
  return code > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
}
