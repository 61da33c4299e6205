// The statement of several lines that is being typed: whether its next line may be a command. A line of Python begins
// with a colon only inside of brackets and of a text of several lines.
//   x[            for i in x:
//   :undo             :undo
//   ]             a command
//   a slice

/** Brackets and texts, as far as they decide what the end of the text is in. */
const TOKENS = /"""|'''|["'()[\]{}#\n]|\\[\s\S]/g;

export class TypedBlock {
  private text = "";

  /** @param lines that have been entered of it */
  constructor(lines: readonly string[] = []) {
    for (const line of lines) this.add(line);
  }

  /** A line has been entered that the statement goes on behind. */
  add(line: string): void {
    this.text += `${line}\n`;
  }

  clear(): void {
    this.text = "";
  }

  /** The command that a line is, without its colon; undefined for what is a line of the statement. */
  commandIn(line: string): string | undefined {
    const command = /^\s*:([a-z]+(?:\s.*)?)$/.exec(line);
    return command === null || endsInside(this.text) ? undefined : command[1];
  }
}

/** Whether a text of whole lines ends in brackets, or in a text in quotes. */
function endsInside(text: string): boolean {
  let depth = 0;
  let quote: string | undefined;
  let isComment = false;
  for (const [token] of text.matchAll(TOKENS)) {
    if (isComment) isComment = token !== "\n";
    else if (quote !== undefined) {
      // A text in single quotes ends with its line, finished or not.
      if (token === quote || (token === "\n" && quote.length === 1)) quote = undefined;
    } else if (/["']/.test(token)) quote = token;
    else if (token === "#") isComment = true;
    else if (/[([{]/.test(token)) depth++;
    else if (/[)\]}]/.test(token)) depth--;
  }
  return depth > 0 || quote !== undefined;
}
