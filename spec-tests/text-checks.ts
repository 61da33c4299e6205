// What the suite calls malformed text and wasm-tools lets pass. These checks run only for
// `assert_malformed` on text that was assembled; reports name the assertions that they decide.
//
// They decide six assertions outside legacy/: start.wast:102, try_table.wast:366 and :371,
// proposals/threads/memory.wast:83, :87 and :91; and in legacy/ try_catch.wast:247 and :252,
// try_delegate.wast:221.

import { Lexer } from "./lexer.js";

/**
 * Why text that the assembler accepted is malformed all the same, undefined if it is not.
 * @param text one char per byte; it has been assembled, so its tokens and parentheses are right
 */
export function malformedText(text: string): string | undefined {
  const tokens = tokensOf(text);
  const count = (field: string) => tokens.filter((token, i) => token === field && tokens[i - 1] === "(").length;
  if (count("start") > 1) return "multiple start sections";
  // A clause is a keyword of its own only inside a legacy `try`; the handlers of a `try_table` name
  // a label, which nothing but a `try_table` lets follow.
  if (!tokens.includes("try") && !tokens.includes("try_table")) {
    const clause = tokens.find((token) => token === "catch" || token === "catch_all" || token === "delegate");
    if (clause !== undefined) return `unexpected token ${clause}`;
  }
  if (memoryLimits(tokens).some((limit) => limit > 0xffff_ffffn)) return "i32 constant out of range";
  return undefined;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (const lexer = new Lexer(text); lexer.kind !== "end"; lexer.next()) tokens.push(lexer.text);
  return tokens;
}

/** The limits of all memories with 32-bit addresses: numbers right behind `(memory $id? i32?`. */
function memoryLimits(tokens: readonly string[]): bigint[] {
  const limits: bigint[] = [];
  tokens.forEach((token, i) => {
    if (token !== "memory" || tokens[i - 1] !== "(") return;
    let at = i + 1;
    if (tokens[at]?.startsWith("$")) at++;
    if (tokens[at] === "i32") at++;
    for (; /^[0-9][0-9a-fA-Fx_]*$/.test(tokens[at] ?? ""); at++) limits.push(BigInt(tokens[at]!.replaceAll("_", "")));
  });
  return limits;
}
