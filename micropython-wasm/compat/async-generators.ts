// Asynchronous generators, of which MicroPython has none: `async def` with `yield` is a generator whose items and awaited
// values are told apart (`__compat__.item`), below an object that has the methods (`__compat__.agen`).

import type { SyntaxNode } from "@lezer/common";
import { childrenOf } from "./patterns.js";

/** Whether a function definition is one of an asynchronous generator. */
export function isAsyncGenerator(node: SyntaxNode): boolean {
  const body = node.name === "FunctionDefinition" && node.firstChild?.name === "async" ? node.getChild("Body") : null;
  return body !== null && yields(body);
}

/** Whether a `yield` belongs to an asynchronous generator. */
export function isInAsyncFunction(node: SyntaxNode): boolean {
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    if (parent.name === "LambdaExpression") return false;
    if (parent.name === "FunctionDefinition") return parent.firstChild?.name === "async";
  }
  return false;
}

function yields(node: SyntaxNode): boolean {
  if (/^Yield(?:Statement|Expression)$/.test(node.name)) return true;
  if (/^(?:LambdaExpression|FunctionDefinition|ClassDefinition)$/.test(node.name)) return false;
  return childrenOf(node).some(yields);
}

/** The parts of `[item async for targets in subject if condition …]`. */
export interface AsyncComprehension {
  readonly kind: "list" | "set" | "dict";
  /** One node, or key and value. */
  readonly item: readonly SyntaxNode[];
  readonly targets: readonly SyntaxNode[];
  readonly subject: SyntaxNode;
  readonly conditions: readonly SyntaxNode[];
}

/** Undefined for comprehensions that are not asynchronous, or have more than one loop. */
export function asyncComprehension(node: SyntaxNode): AsyncComprehension | undefined {
  const children = childrenOf(node).slice(1, -1);
  const at = children.findIndex(({ name }) => name === "async");
  const into = children.findIndex(({ name }) => name === "in");
  if (at < 1 || children[at + 1]?.name !== "for" || into < 0) return undefined;
  const rest = children.slice(into + 1);
  if (rest.some(({ name }) => name === "for" || name === "async")) return undefined;
  const item = children.slice(0, at).filter(({ name }) => name !== ":");
  return {
    kind: node.name.startsWith("Array") ? "list" : node.name.startsWith("Set") ? "set" : "dict",
    item,
    targets: children.slice(at + 2, into).filter(({ name }) => name !== ","),
    subject: rest[0]!,
    conditions: rest.slice(1).filter(({ name }) => name !== "if"),
  };
}
