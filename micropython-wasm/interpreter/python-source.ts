// What the host does to Python source before the guest compiles it: reject what is not text,
// and find the last expression, whose value the embedder may want.

import { decodeUtf8Strict, encodeUtf8, isWellFormed } from "../../decoder/index.js";
import { SandboxUsageError } from "../guest/errors.js";

/** The global variable that holds the value of the last expression until the host takes it. */
export const VALUE_NAME = "_escapement_value_";

/**
 * The source as text.
 *
 * @throws SandboxUsageError if it is neither text nor bytes, is not UTF-8, has a lone surrogate, or contains a NUL
 *   character (CPython refuses that too; MicroPython's lexer would stop there silently)
 */
export function sourceText(code: string | Uint8Array): string {
  let text: string;
  if (typeof code === "string") {
    if (!isWellFormed(code)) throw new SandboxUsageError("the source contains a lone surrogate");
    text = code;
  } else {
    if (!ArrayBuffer.isView(code) || !(code instanceof Uint8Array))
      throw new SandboxUsageError("the code is neither text nor a Uint8Array");
    const decoded = decodeUtf8Strict(code);
    if (typeof decoded === "number") {
      const byte = code[decoded]!.toString(16).padStart(2, "0");
      throw new SandboxUsageError(`the source is not UTF-8: byte 0x${byte} at offset ${decoded}`);
    }
    text = decoded;
  }
  // A byte order mark is not part of the program; MicroPython takes it for a name.
  if (text.startsWith("\ufeff")) text = text.slice(1);
  const nul = text.indexOf("\0");
  if (nul >= 0) throw new SandboxUsageError(`the source contains a NUL character at offset ${nul}`);
  return text;
}

/** The source as the bytes that the guest compiles. */
export function sourceBytes(text: string): Uint8Array {
  return encodeUtf8(text);
}

const STATEMENT_KEYWORDS = new Set(
  (
    "and as assert async break class continue def del elif else except finally for from global if import in is " +
    "nonlocal or pass raise return try while with yield"
  ).split(" "),
);

/**
 * If the program ends in an expression statement, the program that stores its value in
 * {@link VALUE_NAME}, with all line numbers unchanged; otherwise undefined.
 *
 * This looks at tokens only. What it takes for an expression but is not one fails to compile
 * with or without the assignment.
 */
export function withCapturedValue(text: string): string | undefined {
  const start = lastExpressionStart(text);
  return start < 0 ? undefined : `${text.slice(0, start)}${VALUE_NAME}=${text.slice(start)}`;
}

/** Offset at which the expression statement that ends the program starts, -1 if there is none. */
function lastExpressionStart(text: string): number {
  let firstIndent = -1;
  // Of the current logical line:
  let lineIndent = 0;
  let lineIsCompound = false;
  // Of the current simple statement:
  let start = -1;
  let isExpression = false;
  let sawLambda = false;
  let result = -1;
  let depth = 0;
  let atLineStart = true;
  let i = 0;

  const endStatement = (): void => {
    if (start >= 0) result = isExpression && !lineIsCompound && lineIndent === firstIndent ? start : -1;
    start = -1;
  };

  while (i < text.length) {
    if (atLineStart) {
      const indentStart = i;
      while (text[i] === " " || text[i] === "\t" || text[i] === "\f") i++;
      if (i >= text.length) break;
      if (text[i] !== "\n" && text[i] !== "\r" && text[i] !== "#") {
        lineIndent = i - indentStart;
        if (firstIndent < 0) firstIndent = lineIndent;
        lineIsCompound = false;
      }
      atLineStart = false;
      continue;
    }
    const c = text[i]!;
    if (c === "\n" || c === "\r") {
      i++;
      if (depth === 0) {
        endStatement();
        atLineStart = true;
      }
      continue;
    }
    if (c === "#") {
      while (i < text.length && text[i] !== "\n" && text[i] !== "\r") i++;
      continue;
    }
    if (c === " " || c === "\t" || c === "\f") {
      i++;
      continue;
    }
    if (c === "\\" && (text[i + 1] === "\n" || text[i + 1] === "\r")) {
      i += text[i + 1] === "\r" && text[i + 2] === "\n" ? 3 : 2;
      continue;
    }
    if (c === ";" && depth === 0) {
      endStatement();
      i++;
      continue;
    }
    if (start < 0) {
      start = i;
      isExpression = c !== "@" && c !== "*";
      sawLambda = false;
    }
    const end = wordEnd(text, i);
    if (end > i) {
      const name = text.slice(i, end);
      const quote = text[end];
      if ((quote === "'" || quote === '"') && /^(r|b|u|f|br|rb|fr|rf)$/i.test(name)) {
        i = stringEnd(text, end);
        continue;
      }
      if (name === "lambda") sawLambda = true;
      if (start === i && STATEMENT_KEYWORDS.has(name)) isExpression = false;
      i = end;
      continue;
    }
    if (c === "'" || c === '"') {
      i = stringEnd(text, i);
      continue;
    }
    if (c === "(" || c === "[" || c === "{") depth++;
    else if (c === ")" || c === "]" || c === "}") depth = Math.max(0, depth - 1);
    else if (depth === 0 && c === ":") {
      if (!sawLambda) {
        isExpression = false;
        lineIsCompound = true;
      }
      if (text[i + 1] === "=") isExpression = false;
    } else if (depth === 0 && c === "=") {
      const comparison = text[i + 1] === "=";
      // After <, > and ! it is a comparison; <<= and >>= are assignments.
      const before = text[i - 1]!;
      const partOfComparison = before === "!" || ((before === "<" || before === ">") && text[i - 2] !== before);
      if (comparison) i++;
      else if (!partOfComparison) isExpression = false;
    }
    i++;
  }
  endStatement();
  return depth === 0 ? result : -1;
}

/** Offset behind the letters, digits, underscores and characters beyond ASCII at `i`. */
function wordEnd(text: string, i: number): number {
  let end = i;
  for (; end < text.length; end++) {
    const c = text.charCodeAt(end);
    const isWord = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c >= 128;
    if (!isWord) break;
  }
  return end;
}

/** Offset behind the string literal whose quote is at `i`. */
function stringEnd(text: string, i: number): number {
  const quote = text[i]!;
  const triple = text.startsWith(quote.repeat(3), i);
  let k = i + (triple ? 3 : 1);
  while (k < text.length) {
    if (text[k] === "\\") k += 2;
    else if (triple ? text.startsWith(quote.repeat(3), k) : text[k] === quote) return k + (triple ? 3 : 1);
    else if (!triple && text[k] === "\n") return k;
    else k++;
  }
  return text.length;
}
