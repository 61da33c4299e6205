// What the suite calls malformed text and wasm-tools lets pass. These checks run only for
// `assert_malformed` on text that was assembled; reports name the assertions that they decide.
//
// They decide three assertions outside legacy/: start.wast:102, try_table.wast:366 and :371; and in
// legacy/ try_catch.wast:247 and :252, try_delegate.wast:221. Sizes of memories from 2^32 up, which
// proposals/threads/memory.wast calls malformed, are not among them: text of WebAssembly 3.0 may
// have them, and validation refuses them (core/memory.wast:78).

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
  return undefined;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (const lexer = new Lexer(text); lexer.kind !== "end"; lexer.next()) tokens.push(lexer.text);
  return tokens;
}
