// At which prompt of MicroPython's the user is, and whether anything is typed there: told from the screen.

import { encodeUtf8 } from "../../decoder/index.js";
import { ScreenLine } from "./screen-line.js";

/** sys.ps1 and sys.ps2. */
export type Prompts = readonly [primary: string, continuation: string];

/** What paste mode puts before each line; it cannot be changed. */
const PASTE_PROMPT = "=== ";

export class PromptLine {
  private readonly screen = new ScreenLine();
  private prompts: Prompts = [">>> ", "... "];
  /** What lines that show the prompts end in. */
  private shown: Prompts = this.prompts;
  /** What the line shows when nothing is typed at the primary prompt; undefined at other prompts. */
  private emptyLine: string | undefined;

  /** Takes what is written to the terminal. */
  write(bytes: Uint8Array): void {
    this.screen.write(bytes);
  }

  /** What the line shows. */
  get text(): string {
    return this.screen.text;
  }

  /** The prompt that is there is the primary one. */
  get isPrimary(): boolean {
    return this.emptyLine !== undefined;
  }

  /** At the primary prompt, nothing is typed. */
  get isEmpty(): boolean {
    return this.emptyLine !== undefined && this.text === this.emptyLine;
  }

  /** What is typed behind the prompt; undefined if that is not known, and in paste mode. */
  get typed(): string | undefined {
    const { text, emptyLine } = this;
    const before = emptyLine ?? this.shown[1];
    if (this.isPasting || before === "" || !text.startsWith(before)) return undefined;
    return text.slice(before.length);
  }

  /** What is typed on a line of paste mode; undefined elsewhere. */
  get pasted(): string | undefined {
    return this.isPasting ? this.text.slice(PASTE_PROMPT.length) : undefined;
  }

  private get isPasting(): boolean {
    return !this.isPrimary && this.text.startsWith(PASTE_PROMPT) && !PASTE_PROMPT.startsWith(this.shown[1]);
  }

  /** How many spaces, and nothing else, stand behind the continuation prompt; 0 at other prompts, and if there is more. */
  get indentation(): number {
    const { text } = this;
    const [, continuation] = this.shown;
    if (this.isPrimary || continuation === "" || !text.startsWith(continuation)) return 0;
    const rest = text.slice(continuation.length);
    return rest.trim() === "" ? rest.length : 0;
  }

  /** The line shows the primary prompt and nothing else. */
  get isBare(): boolean {
    return this.shown[0] !== "" && this.text === this.shown[0];
  }

  /** sys.ps1, as it was when it was last looked at. */
  get primary(): string {
    return this.prompts[0];
  }

  /** Notes what the prompts are. */
  set(prompts: Prompts): void {
    this.prompts = prompts;
    this.shown = [shownEnd(prompts[0]), shownEnd(prompts[1])];
  }

  /** A prompt has been shown: looks which one. `ask` sets the prompts; a program may have changed them. */
  async look(ask: () => Promise<void>): Promise<void> {
    const { text } = this;
    this.emptyLine = undefined;
    if (text === PASTE_PROMPT) return;
    if (!this.shown.some((prompt) => prompt !== "" && text.endsWith(prompt))) await ask();
    const [primary, continuation] = this.shown;
    const isContinuation = continuation.length > primary.length && text.endsWith(continuation);
    if (text.endsWith(primary) && !isContinuation) this.emptyLine = text;
  }

  /** The primary prompt has been shown, with nothing behind it. */
  begin(): void {
    this.emptyLine = this.text;
  }
}

/** What the last line shows of a prompt, which may have several and change colours. */
function shownEnd(prompt: string): string {
  const line = new ScreenLine();
  line.write(encodeUtf8(prompt));
  return line.text;
}
