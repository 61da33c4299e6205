// The text of a program, node by node, and what is known of the program as a whole.
import type { SyntaxNode, Tree } from "@lezer/common";
import { FORMATS_ITSELF, MATH_EXTRAS } from "./names.js";

export abstract class SourceWriter {
  protected readonly usesFormat: boolean;
  protected readonly usesMathExtras: boolean;
  private readonly own = new Map<string, boolean>();
  private onTop: boolean | undefined;
  /** The item of a comprehension that awaits is being written: it becomes a function. */
  protected inComprehension = false;
  /** Name of the exception of the handler that is being written. */
  protected handled: string | undefined;

  constructor(
    protected readonly source: string,
    protected readonly tree: Tree,
  ) {
    this.usesFormat = FORMATS_ITSELF.test(source);
    this.usesMathExtras = MATH_EXTRAS.test(source);
  }

  /** A node as MicroPython takes it. */
  abstract readonly emit: (node: SyntaxNode) => string;

  protected text(node: SyntaxNode): string {
    return this.source.slice(node.from, node.to);
  }

  /** Whether a built-in name may be the program's own. */
  protected isOwn(name: string): boolean {
    let own = this.own.get(name);
    if (own === undefined) {
      own = new RegExp(
        `\\b(?:def|class|as|for|global|nonlocal)\\s+${name}\\b|\\b${name}\\s*(?::[^=\\n\\]})]*)?=(?!=)|` +
          `\\bimport\\s[^\\n]*\\b${name}\\b|\\blambda[^:\\n]*\\b${name}\\b|` +
          // A parameter, and not what a function of one line calls.
          `\\bdef\\s+\\w+\\s*\\((?:[^)\\n]*,)?\\s*\\*{0,2}${name}\\b`,
      ).test(this.source);
      this.own.set(name, own);
    }
    return own;
  }

  /** All of a node, with what is between its children as it is. */
  protected plain(node: SyntaxNode, except?: (child: SyntaxNode) => string | undefined): string {
    let out = "";
    let at = node.from;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      out += this.source.slice(at, child.from) + (except?.(child) ?? this.emit(child));
      at = child.to;
    }
    return out + this.source.slice(at, node.to);
  }

  /** The line ends in a node, for what leaves it out: inside brackets, or behind backslashes. */
  protected newlines(node: SyntaxNode): string {
    return "\\\n".repeat(this.text(node).split("\n").length - 1);
  }

  /** Text between brackets with as many lines as the node has. */
  protected kept(node: SyntaxNode, text: string): string {
    const missing = this.text(node).split("\n").length - text.split("\n").length;
    return missing > 0 ? text.slice(0, -1) + "\n".repeat(missing) + text.slice(-1) : text;
  }

  /** Whether the program awaits outside of functions. */
  protected get awaitsOnTop(): boolean {
    if (this.onTop === undefined) {
      this.onTop = false;
      if (/\b(?:await|async)\b/.test(this.source))
        this.tree.iterate({
          enter: ({ name, node }) => {
            if (name === "FunctionDefinition" || name === "LambdaExpression") return false;
            if (name === "AwaitExpression" || (name === "async" && node.parent?.name !== "FunctionDefinition"))
              this.onTop = true;
            return undefined;
          },
        });
    }
    return this.onTop;
  }
}
