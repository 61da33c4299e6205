// The lexical level of .wast scripts: spec chapter 6.3.
//
// Conventions
//   source   the file as a string of *bytes* (latin1): every char is one byte, so strings, names
//            and module text keep exactly the bytes that the file has.
//   start, end   offsets into `source`, end exclusive.
// Comments and annotations between tokens are white space here: only the assembler, which gets
// module text as it stands, gives annotations a meaning.

/** The script is not in the grammar of .wast files. `line` counts from 1. */
export class ScriptSyntaxError extends Error {
  override readonly name = "ScriptSyntaxError";
  constructor(
    readonly reason: string,
    readonly line: number,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** What the lexer stands at. An atom is a keyword, number, `$id` or any other reserved token. */
export type TokenKind = "(" | ")" | "string" | "atom" | "end";

/** Bytes of the source file as a string with one char per byte. */
export function sourceOfBytes(bytes: Uint8Array): string {
  let source = "";
  // String.fromCharCode takes its arguments on the stack, so it gets them in pieces.
  for (let i = 0; i < bytes.length; i += 8192) source += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return source;
}

/** The inverse of {@link sourceOfBytes}; chars above 0xff are a bug of the caller. */
export function bytesOfSource(source: string): Uint8Array {
  const bytes = new Uint8Array(source.length);
  for (let i = 0; i < source.length; i++) bytes[i] = source.charCodeAt(i);
  return bytes;
}

/** Whether `code` can be part of an identifier or keyword (spec 6.3.5 "idchar"). */
export function isIdChar(code: number): boolean {
  // Written so that NaN, the code behind the end, is none either.
  if (!(code > 0x20 && code < 0x7f)) return false;
  switch (code) {
    case 0x22: // "
    case 0x28: // (
    case 0x29: // )
    case 0x2c: // ,
    case 0x3b: // ;
    case 0x5b: // [
    case 0x5d: // ]
    case 0x7b: // {
    case 0x7d: // }
      return false;
    default:
      return true;
  }
}

/** Reads tokens one after another into its own fields; `next()` moves on. */
export class Lexer {
  kind: TokenKind = "end";
  start = 0;
  end = 0;
  /** Offsets of line starts, filled up to where {@link lineAt} was asked. */
  readonly #lineStarts: number[] = [0];

  /** @param source one char per byte, see {@link sourceOfBytes} */
  constructor(readonly source: string) {
    this.next();
  }

  /** Text of the present token. */
  get text(): string {
    return this.source.slice(this.start, this.end);
  }

  /** Line of a byte offset, from 1. */
  lineAt(offset: number): number {
    const starts = this.#lineStarts;
    for (;;) {
      const newline = this.source.indexOf("\n", starts[starts.length - 1]!);
      if (newline < 0 || newline >= offset) break;
      starts.push(newline + 1);
    }
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** Throws for the present token. */
  fail(reason: string, offset = this.start): never {
    throw new ScriptSyntaxError(reason, this.lineAt(offset));
  }

  /** Moves to the next token. */
  next(): void {
    this.#skipSpace();
    this.#token();
  }

  /**
   * From inside a list to behind its closing parenthesis.
   * @returns offset of that parenthesis
   */
  skipToClose(): number {
    let depth = 1;
    const opened = this.start;
    for (;;) {
      if (this.kind === "end") this.fail("a list is not closed", opened);
      if (this.kind === "(") depth++;
      if (this.kind === ")" && --depth === 0) {
        const close = this.start;
        this.next();
        return close;
      }
      this.next();
    }
  }

  #skipSpace(inAnnotation = false): void {
    const source = this.source;
    let at = this.end;
    for (;;) {
      const code = source.charCodeAt(at);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) at++;
      else if (code === 0x3b && source.charCodeAt(at + 1) === 0x3b) at = lineCommentEnd(source, at);
      else if (code === 0x28 && source.charCodeAt(at + 1) === 0x3b) {
        const end = blockCommentEnd(source, at);
        if (end < 0) this.fail("a block comment is not closed", at);
        at = end;
      } else if (code === 0x28 && source.charCodeAt(at + 1) === 0x40 && !inAnnotation) {
        at = this.#annotationEnd(at);
      } else break;
    }
    this.start = this.end = at;
  }

  /** Offset behind the annotation at `opened`: any tokens, its parentheses balanced. */
  #annotationEnd(opened: number): number {
    this.end = opened;
    for (let depth = 0; ; ) {
      this.#skipSpace(true);
      this.#token();
      if (this.kind === "end") this.fail("an annotation is not closed", opened);
      if (this.kind === "(") depth++;
      if (this.kind === ")" && --depth === 0) return this.end;
    }
  }

  #token(): void {
    const source = this.source;
    const start = this.end;
    this.start = start;
    if (start >= source.length) {
      this.kind = "end";
      return;
    }
    const code = source.charCodeAt(start);
    if (code === 0x28 || code === 0x29) {
      this.kind = code === 0x28 ? "(" : ")";
      this.end = start + 1;
      return;
    }
    let at = start;
    let strings = 0;
    // A token is a run of idchars and strings without space between them.
    for (;;) {
      const here = source.charCodeAt(at);
      if (isIdChar(here)) at++;
      else if (here === 0x22) {
        const end = stringEnd(source, at);
        if (end < 0) this.fail("a string is not closed", at);
        at = end;
        strings++;
      } else break;
    }
    if (at === start) {
      // , ; [ ] { } stand alone: the grammar reserves them, annotations contain them.
      if (code < 0x20 || code >= 0x7f) this.fail("illegal character", start);
      at++;
    }
    const isString = strings === 1 && code === 0x22 && stringEnd(source, start) === at;
    this.kind = isString ? "string" : "atom";
    this.end = at;
  }
}

/** Offset of the newline (or the end) that closes the comment at `at`. */
export function lineCommentEnd(source: string, at: number): number {
  const newline = source.indexOf("\n", at);
  return newline < 0 ? source.length : newline;
}

/** Offset behind the block comment at `at`, which may nest; -1 if it is not closed. */
export function blockCommentEnd(source: string, at: number): number {
  let depth = 0;
  for (let i = at; i < source.length - 1; i++) {
    const code = source.charCodeAt(i);
    if (code === 0x28 && source.charCodeAt(i + 1) === 0x3b) {
      depth++;
      i++;
    } else if (code === 0x3b && source.charCodeAt(i + 1) === 0x29) {
      depth--;
      i++;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}

/** Offset behind the string literal at `at`; -1 if it is not closed. */
export function stringEnd(source: string, at: number): number {
  for (let i = at + 1; i < source.length; i++) {
    const code = source.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code === 0x5c) i++;
    else if (code === 0x0a) return -1;
  }
  return -1;
}

/**
 * Bytes that a string literal stands for (spec 6.3.3), as a string of bytes.
 * @param literal with its quotes
 * @returns undefined if an escape is not in the grammar
 */
export function stringBytes(literal: string): string | undefined {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  let out = "";
  for (let i = 1; i < literal.length - 1; i++) {
    const char = literal[i]!;
    if (char !== "\\") {
      out += char;
      continue;
    }
    const letter = literal[++i]!;
    const simple = SIMPLE_ESCAPES[letter];
    if (simple !== undefined) {
      out += simple;
    } else if (letter === "u") {
      const match = /^\{([0-9a-fA-F](?:_?[0-9a-fA-F])*)\}/.exec(literal.slice(i + 1));
      if (match === null) return undefined;
      const code = Number.parseInt(match[1]!.replaceAll("_", ""), 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
      out += utf8(code);
      i += match[0].length;
    } else {
      const hex = literal.slice(i, i + 2);
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return undefined;
      out += String.fromCharCode(Number.parseInt(hex, 16));
      i++;
    }
  }
  return out;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  '"': '"',
  "'": "'",
  "\\": "\\",
};

function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  if (code < 0x10000) {
    return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return String.fromCharCode(
    0xf0 | (code >> 18),
    0x80 | ((code >> 12) & 0x3f),
    0x80 | ((code >> 6) & 0x3f),
    0x80 | (code & 0x3f),
  );
}
