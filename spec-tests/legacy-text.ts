// Legacy exception handling in the folded form `(try (do …) (catch …))`, rewritten in the flat one:
// wasm-tools knows only the flat form, and the suite's legacy/ files are written in the folded one.
// https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md

import { AssemblyError } from "./assembly-error.js";
import { Lexer, ScriptSyntaxError } from "./lexer.js";

/** An atom or string with its quotes, or a list. */
type Node = string | Node[];

/** Whether the text has a folded legacy `try`. */
export function hasFoldedTry(text: string): boolean {
  return /\(\s*try[\s()$]/.test(text);
}

/**
 * The same module with every function body in flat form; comments and annotations are dropped.
 * @param text one char per byte
 * @throws AssemblyError if a `try` does not have the clauses that the grammar allows
 */
export function unfoldTry(text: string): string {
  const nodes = readNodes(text);
  return nodes.map((node) => show(isList(node, "module") ? node.map(unfoldField) : unfoldField(node))).join("\n");
}

function readNodes(text: string): Node[] {
  const root: Node[] = [];
  const open: Node[][] = [root];
  try {
    for (const lexer = new Lexer(text); lexer.kind !== "end"; lexer.next()) {
      const innermost = open[open.length - 1]!;
      if (lexer.kind === "(") {
        const list: Node[] = [];
        innermost.push(list);
        open.push(list);
      } else if (lexer.kind === ")") {
        open.pop();
        if (open.length === 0) throw new AssemblyError("unexpected token )");
      } else innermost.push(lexer.text);
    }
  } catch (error) {
    if (error instanceof ScriptSyntaxError) throw new AssemblyError(error.message);
    throw error;
  }
  if (open.length > 1) throw new AssemblyError("unexpected end");
  return root;
}

function show(node: Node): string {
  return typeof node === "string" ? node : `(${node.map(show).join(" ")})`;
}

function isList(node: Node | undefined, ...heads: string[]): node is Node[] {
  return Array.isArray(node) && typeof node[0] === "string" && heads.includes(node[0]);
}

const FUNC_HEADER = ["export", "import", "type", "param", "result", "local"];
const BLOCK_TYPE = ["type", "param", "result"];
const HANDLERS = ["catch", "catch_ref", "catch_all", "catch_all_ref"];

function unfoldField(field: Node): Node {
  if (!isList(field, "func")) return field;
  let body = 1;
  while (body < field.length && (isId(field[body]) || isList(field[body], ...FUNC_HEADER))) body++;
  return [...field.slice(0, body), ...unfoldAll(field.slice(body))];
}

function isId(node: Node | undefined): node is string {
  return typeof node === "string" && node.startsWith("$");
}

function unfoldAll(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => (typeof node === "string" ? [node] : unfold(node)));
}

/** One folded instruction as a flat sequence. */
function unfold(list: Node[]): Node[] {
  const operator = list[0]!;
  let rest = 1;
  if (isId(list[rest])) rest++;
  switch (operator) {
    case "block":
    case "loop":
    case "try_table": {
      const header = operator === "try_table" ? [...BLOCK_TYPE, ...HANDLERS] : BLOCK_TYPE;
      while (isList(list[rest], ...header)) rest++;
      return [...list.slice(0, rest), ...unfoldAll(list.slice(rest)), "end"];
    }
    case "if": {
      while (isList(list[rest], ...BLOCK_TYPE)) rest++;
      const clauses = list.slice(rest).filter((node) => isList(node, "then", "else")) as Node[][];
      const condition = list.slice(rest).filter((node) => !isList(node, "then", "else"));
      const [consequence, alternative] = clauses;
      return [
        ...unfoldAll(condition),
        ...list.slice(0, rest),
        ...unfoldAll(consequence?.slice(1) ?? []),
        ...(alternative === undefined ? [] : ["else", ...unfoldAll(alternative.slice(1))]),
        "end",
      ];
    }
    case "try":
      while (isList(list[rest], ...BLOCK_TYPE)) rest++;
      return [...list.slice(0, rest), ...tryClauses(list.slice(rest))];
    default: {
      const isImmediate = (node: Node) => typeof node === "string" || isList(node, ...BLOCK_TYPE);
      return [...unfoldAll(list.filter((node) => !isImmediate(node))), ...list.filter(isImmediate)];
    }
  }
}

/** `(do …)` and then either one `(delegate l)`, or `(catch x …)*` and at most one `(catch_all …)`. */
function tryClauses(clauses: readonly Node[]): Node[] {
  const [body, ...handlers] = clauses;
  if (!isList(body, "do")) throw new AssemblyError("unexpected token: try needs (do …)");
  const flat = unfoldAll(body.slice(1));
  if (isList(handlers[0], "delegate")) {
    const [delegate] = handlers;
    if (handlers.length > 1 || delegate.length !== 2) throw new AssemblyError("unexpected token in delegate");
    return [...flat, ...delegate];
  }
  handlers.forEach((handler, index) => {
    if (isList(handler, "catch") && typeof handler[1] === "string") {
      flat.push("catch", handler[1], ...unfoldAll(handler.slice(2)));
    } else if (isList(handler, "catch_all") && index === handlers.length - 1) {
      flat.push("catch_all", ...unfoldAll(handler.slice(1)));
    } else throw new AssemblyError(`unexpected token ${show(handler)}`);
  });
  return [...flat, "end"];
}
