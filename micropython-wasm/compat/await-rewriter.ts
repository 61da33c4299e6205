// `await` outside of functions and in comprehensions, asynchronous comprehensions and generators.
import type { SyntaxNode } from "@lezer/common";
import { asyncComprehension, isAsyncGenerator } from "./async-generators.js";
import { ExpressionRewriter } from "./expression-rewriter.js";
import { COMPAT } from "./names.js";
import { childrenOf } from "./patterns.js";
import { awaits, isInFunction, isSubject } from "./syntax.js";

export abstract class AwaitRewriter extends ExpressionRewriter {
  protected returned(node: SyntaxNode): string {
    const [word, ...rest] = childrenOf(node) as [SyntaxNode, ...SyntaxNode[]];
    if (!rest.some(({ name }) => name === "*")) return this.plain(node);
    return `${this.text(word)} tuple(${this.unpacked(rest)})`;
  }

  protected asyncYield(node: SyntaxNode): string {
    const [word, ...rest] = childrenOf(node) as [SyntaxNode, ...SyntaxNode[]];
    if (rest.length === 0) return `${this.text(word)} ${COMPAT}.item(None)`;
    const value = this.source.slice(word.to, rest[0]!.from) + this.returned(node).slice(rest[0]!.from - word.from);
    const isTuple = rest.some(({ name }) => name === ",") && !rest.some(({ name }) => name === "*");
    return `${this.text(word)} ${COMPAT}.item(${isTuple ? `(${value})` : value})`;
  }

  protected decorator(node: SyntaxNode): string {
    const text = this.plain(node);
    // What is abstract is never asked for: that a property is, only classes below it tell.
    if (/^@\s*property\b/.test(text)) {
      const others = node.parent!.getChildren("Decorator").map((other) => this.text(other));
      const abstract = others.find((other) => /^@\s*(?:abc\.)?abstractmethod\b/.test(other));
      if (this.readsBySuper && abstract === undefined) return text.replace("property", `${COMPAT}.property_`);
      if (abstract !== undefined) return abstract.replace(/\n$/, "") + (text.endsWith("\n") ? "\n" : "");
    }
    const { nextSibling } = node;
    if (nextSibling === null || !isAsyncGenerator(nextSibling)) return text;
    return text.replace(/^@\s*([^\n]*)/, (_all, decorator: string) => `@${COMPAT}.agen_then(${decorator})`);
  }

  /** `[f(x) async for x in xs if x]` is a call of a coroutine with functions of x. */
  protected asynchronous(node: SyntaxNode): string | undefined {
    const parts = asyncComprehension(node);
    if (parts === undefined || [...parts.item, ...parts.conditions].some(awaits)) return undefined;
    const names = parts.targets.map((target) => this.text(target));
    if (!names.every((name) => /^\w+$/.test(name))) return undefined;
    const head = `lambda ${names.join(", ")}:`;
    const item = parts.item.map((part) => this.emit(part)).join(", ");
    const condition = parts.conditions.map((part) => `(${this.emit(part)})`).join(" and ");
    const call =
      `${COMPAT}.collect(${parts.kind}, ${this.emit(parts.subject)}, ${names.length}, ` +
      `${head} ${parts.kind === "dict" ? `(${item})` : item}${condition === "" ? "" : `, ${head} ${condition}`})`;
    return this.kept(node, isInFunction(node) ? `(await ${call})` : `${COMPAT}.top(lambda: ${call})`);
  }

  /** Outside of functions, the event loop runs until the awaited is done; what is awaited is made while it runs. */
  protected awaited(node: SyntaxNode): string {
    if (this.inComprehension || isInFunction(node)) return this.plain(node);
    const awaited = node.lastChild!;
    // The gap may have line ends, inside brackets.
    return `${COMPAT}.top(lambda: ${this.source.slice(node.from + "await".length, awaited.from)}${this.emit(awaited)})`;
  }

  /** `async for x in y` and `async with a as b` outside of functions. */
  protected asyncStatement(node: SyntaxNode): string {
    const [keyword] = childrenOf(node);
    if (keyword!.name !== "async" || isInFunction(node)) return this.plain(node);
    const isLoop = node.name === "ForStatement";
    let behindIn = false;
    const text = this.plain(node, (child) => {
      if (child.name === "async") return "";
      const isSubjectOfIt = isSubject(child, isLoop, behindIn);
      if (child.name === "in") behindIn = true;
      return isSubjectOfIt ? `${COMPAT}.${isLoop ? "top_for" : "top_with"}(${this.emit(child)})` : undefined;
    });
    return text.trimStart();
  }

  /**
   * `[await f(a) for a in b if a]` is `(await __compat__.each(list, lambda _found, a: _found.append(await f(a)), ((a,)
   * for a in b if a)))`: a comprehension is a function of its own, which cannot await, and a lambda can, but has no
   * value then. Undefined where something else of it awaits, or has targets that are no names.
   */
  protected awaitingComprehension(node: SyntaxNode): string | undefined {
    const children = childrenOf(node);
    const [open, item] = children as [SyntaxNode, SyntaxNode];
    const clauses = children.slice(2, -1);
    if (clauses[0]?.name !== "for" || !awaits(item) || clauses.some(awaits)) return undefined;
    const names: string[] = [];
    let inTargets = false;
    for (const child of clauses) {
      if (child.name === "async") return undefined;
      if (child.name === "for") inTargets = true;
      else if (child.name === "in") inTargets = false;
      else if (inTargets && child.name !== ",") {
        const found = /^[\s(]*\w+(?:\s*,\s*\w+)*[\s,)]*$/.test(this.text(child))
          ? this.text(child).match(/\w+/g)
          : null;
        if (found === null) return undefined;
        names.push(...found);
      }
    }
    if (new Set(names).size !== names.length) return undefined;
    const rest = clauses.map((child, i) => {
      const before = i === 0 ? item : clauses[i - 1]!;
      return this.source.slice(before.to, child.from) + this.emit(child);
    });
    const last = this.source.slice(clauses.at(-1)!.to, node.to - 1);
    const space = this.source.slice(open.to, item.from);
    const collected = open.name === "{" ? "set" : "list";
    const outer = this.inComprehension;
    this.inComprehension = true;
    const value = this.emit(item);
    this.inComprehension = outer;
    const each = `${COMPAT}.each(${collected}, lambda _found, ${names.join(", ")}: _found.append(${space}${value}), ((${names.join(", ")},)${rest.join("")}${last}))`;
    return outer || isInFunction(node) ? `(await ${each})` : `${COMPAT}.top(lambda: ${each})`;
  }
}
