// The patterns of a match statement as conditions: `case [x, 0]:` becomes
// `elif (isinstance(m, (list, tuple)) and len(m) == 2 and [(x := m[0])] and m[1] == 0):`.
// A capture is a list with one element, which is true whatever it is.

import type { SyntaxNode } from "@lezer/common";
import { COMPAT } from "./names.js";

/** Source text of a node, rewritten. */
type Emit = (node: SyntaxNode) => string;

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

/** The parser puts an empty pattern between brackets that hold nothing. */
export const isPattern = ({ name, from, to }: SyntaxNode): boolean => name.endsWith("Pattern") && from < to;

/** Undefined if there is something in the pattern that has no form here. */
export function condition(pattern: SyntaxNode, subject: string, emit: Emit): string | undefined {
  const children = childrenOf(pattern);
  const both = (parts: readonly (string | undefined)[]): string | undefined =>
    parts.includes(undefined) ? undefined : `(${parts.join(" and ")})`;
  const capture = (name: string): string => (name === "_" ? "True" : `[(${name} := ${subject})]`);
  switch (pattern.name) {
    case "CapturePattern":
      return capture(emit(children[0]!));
    case "LiteralPattern": {
      const text = children.map(emit).join(" ");
      return /^(?:None|True|False)$/.test(text) ? `${subject} is ${text}` : `${subject} == ${text}`;
    }
    case "AttributePattern":
      return `${subject} == ${children.map(emit).join("")}`;
    case "AsPattern": {
      const inner = condition(children[0]!, subject, emit);
      return both([inner, capture(emit(children.at(-1)!))]);
    }
    case "OrPattern": {
      // `1 | 2 as x` comes as `1 | (2 as x)`.
      const last = children.at(-1)!;
      if (last.name === "AsPattern") {
        const alternatives = children.slice(0, -1).filter(isPattern).concat(last.firstChild!);
        const tests = alternatives.map((child) => condition(child, subject, emit));
        if (tests.includes(undefined)) return undefined;
        return both([`(${tests.join(" or ")})`, capture(emit(last.lastChild!))]);
      }
      const parts = children.filter(isPattern).map((child) => condition(child, subject, emit));
      return parts.includes(undefined) ? undefined : `(${parts.join(" or ")})`;
    }
    case "SequencePattern": {
      const items = children.filter(isPattern);
      // One pattern in parentheses, without a comma, is a group.
      if (children[0]!.name === "(" && items.length === 1 && !children.some(({ name }) => name === ","))
        return condition(items[0]!, subject, emit);
      return sequence(items, subject, emit);
    }
    case "MappingPattern":
      return mapping(children, subject, emit);
    case "ClassPattern":
      return classPattern(children, subject, emit);
    default:
      return undefined;
  }
}

/** Also for the patterns of `case a, *rest:`, which have no brackets. */
export function sequence(items: readonly SyntaxNode[], subject: string, emit: Emit): string | undefined {
  const star = items.findIndex(({ name }) => name === "StarPattern");
  const n = star < 0 ? items.length : items.length - 1;
  const parts: (string | undefined)[] = [
    `isinstance(${subject}, (list, tuple))`,
    `len(${subject}) ${star < 0 ? "==" : ">="} ${n}`,
  ];
  items.forEach((item, i) => {
    if (i === star) {
      const name = emit(item.lastChild!);
      const behind = items.length - 1 - i;
      const end = behind === 0 ? "" : `len(${subject}) - ${behind}`;
      if (name !== "_") parts.push(`[(${name} := list(${subject}[${i}:${end}]))]`);
    } else {
      const at = star >= 0 && i > star ? `${i - items.length}` : `${i}`;
      parts.push(condition(item, `${subject}[${at}]`, emit));
    }
  });
  return parts.includes(undefined) ? undefined : `(${parts.join(" and ")})`;
}

function mapping(children: readonly SyntaxNode[], subject: string, emit: Emit): string | undefined {
  const parts: (string | undefined)[] = [`isinstance(${subject}, dict)`];
  const keys: string[] = [];
  for (let i = 0; i < children.length; i++) {
    const child = children[i]!;
    if (child.name === "**") {
      const rest = emit(children[i + 1]!);
      parts.push(`[(${rest} := ${COMPAT}.without(${[subject, ...keys].join(", ")}))]`);
      break;
    }
    if (children[i + 1]?.name !== ":") continue;
    const key = childrenOf(child).map(emit).join("");
    keys.push(key);
    parts.push(`${key} in ${subject}`, condition(children[i + 2]!, `${subject}[${key}]`, emit));
    i += 2;
  }
  return parts.includes(undefined) ? undefined : `(${parts.join(" and ")})`;
}

function classPattern(children: readonly SyntaxNode[], subject: string, emit: Emit): string | undefined {
  const list = children.at(-1)!;
  const cls = children.slice(0, -1).map(emit).join("");
  const parts: (string | undefined)[] = [`isinstance(${subject}, ${cls})`];
  let place = 0;
  for (const argument of childrenOf(list)) {
    if (argument.name === "KeywordPattern") {
      const attribute = emit(argument.firstChild!);
      parts.push(
        `hasattr(${subject}, ${JSON.stringify(attribute)})`,
        condition(argument.lastChild!, `${subject}.${attribute}`, emit),
      );
    } else if (isPattern(argument))
      parts.push(condition(argument, `${COMPAT}.margs(${subject}, ${cls}, ${place++})`, emit));
  }
  return parts.includes(undefined) ? undefined : `(${parts.join(" and ")})`;
}
