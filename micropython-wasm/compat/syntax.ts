// What is asked of a node in the tree of a program.
import type { SyntaxNode } from "@lezer/common";
import { childrenOf } from "./patterns.js";

/** Whether a node is in the body of a function, or in a lambda. */
export function isInFunction(node: SyntaxNode): boolean {
  for (let parent = node.parent; parent !== null; parent = parent.parent)
    if (parent.name === "FunctionDefinition" || parent.name === "LambdaExpression") return true;
  return false;
}

/** Whether an expression is what a call calls. */
export function isCalled({ parent, from }: SyntaxNode): boolean {
  return parent?.name === "CallExpression" && parent.from === from;
}

/** Whether a node is tried by the program itself, in whose handlers the text of an error may matter. */
export function isInTry(node: SyntaxNode): boolean {
  for (let parent = node.parent; parent !== null; parent = parent.parent)
    if (parent.name === "TryStatement") return true;
  return false;
}

/** Whether a node awaits, other than in a function of its own. */
export function awaits(node: SyntaxNode): boolean {
  if (node.name === "AwaitExpression") return true;
  if (node.name === "LambdaExpression") return false;
  return childrenOf(node).some(awaits);
}

/** What an `async` statement iterates over, or enters. */
export function isSubject(child: SyntaxNode, isLoop: boolean, behindIn: boolean): boolean {
  if (/^(?:async|for|in|with|as|else|,|Body|:)$/.test(child.name)) return false;
  return isLoop ? behindIn : child.prevSibling?.name !== "as";
}

/** Whether an expression is an operand of an operation that sets have. */
export function isSetOperand({ parent }: SyntaxNode): boolean {
  return parent?.name === "BinaryExpression" && childrenOf(parent).some(({ name }) => /^(?:BitOp|ArithOp)$/.test(name));
}

/** The operator by which an expression is compared with another; undefined if it is not. */
export function comparisonOf({ parent }: SyntaxNode): SyntaxNode | undefined {
  return parent?.name === "BinaryExpression" ? childrenOf(parent).find(({ name }) => name === "CompareOp") : undefined;
}

/** Whether an expression is assigned to, or deleted. */
export function isTargetOf(node: SyntaxNode): boolean {
  let child = node;
  let parent = node.parent;
  while (parent !== null && /^(?:Tuple|Array|Parenthesized)Expression$/.test(parent.name)) {
    child = parent;
    parent = parent.parent;
  }
  if (parent === null) return false;
  if (parent.name === "DeleteStatement") return true;
  if (parent.name === "UpdateStatement") return parent.firstChild?.from === child.from;
  if (parent.name === "ForStatement") {
    const keyword = parent.getChild("in");
    return keyword !== null && child.to <= keyword.from;
  }
  if (parent.name !== "AssignStatement") return false;
  for (let sibling = child.nextSibling; sibling !== null; sibling = sibling.nextSibling)
    if (sibling.name === "AssignOp") return true;
  return false;
}
