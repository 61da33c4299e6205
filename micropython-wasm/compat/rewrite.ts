// Python source as MicroPython takes it: what it lacks is replaced by calls of `__compat__` (lib/stdlib/_compat.py).
// Every line stays where it is, so that tracebacks name the lines of the original.

import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@lezer/python";
import { isAsyncGenerator, isInAsyncFunction } from "./async-generators.js";
import { AwaitRewriter } from "./await-rewriter.js";
import { ABSTRACT_TYPES, COMPAT, OS_EXTRAS, SYS_EXTRAS } from "./names.js";
import { childrenOf, condition, isPattern, sequence } from "./patterns.js";

/** Sources that are nested deeper are left alone: the walk is recursive. */
const MAX_DEPTH = 250;

const SIMPLE = new Set(
  (
    "AssignStatement UpdateStatement ExpressionStatement PassStatement ReturnStatement ImportStatement " +
    "DeleteStatement RaiseStatement AssertStatement StatementGroup BreakStatement ContinueStatement ScopeStatement"
  ).split(" "),
);
/** Who names one of these catches it from os, too. */
const FILE_ERRORS = /\b(?:FileNotFoundError|FileExistsError|PermissionError|IsADirectoryError|NotADirectoryError)\b/;
const ENUMS = new Set(["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"]);

/** The rewritten source; the source itself where nothing is to be done, or where it cannot be parsed. */
export function rewrite(source: string): string {
  const tree = parser.parse(source);
  if (tooDeep(tree)) return source;
  return new Rewriter(source, tree).statementsOf(tree.topNode);
}

function tooDeep(tree: Tree): boolean {
  let depth = 0;
  let deepest = 0;
  tree.iterate({
    enter() {
      deepest = Math.max(deepest, ++depth);
    },
    leave() {
      depth--;
    },
  });
  return deepest > MAX_DEPTH;
}

const ABC_META = /(?:^|\.)ABCMeta$/;

class Rewriter extends AwaitRewriter {
  private matches = 0;
  /** Whether a class names a metaclass of the program's. */
  private readonly hasMetaclasses = /\bmetaclass\s*=\s*(?!(?:\w+\.)?ABCMeta\b)/.test(this.source);
  /** Classes of the program's that are below Enum and have no members yet. */
  private readonly enums = new Set(ENUMS);

  readonly emit = (node: SyntaxNode): string => {
    if (node.firstChild === null) {
      if (node.name === "VariableName") return this.variable(node);
      return node.name === "PropertyName" ? this.mangled(node) : this.text(node);
    }
    switch (node.name) {
      case "TypeDef":
        // Annotations are not evaluated.
        return this.text(node);
      case "TypeParamList":
        return this.blank(node);
      case "TypeDefinition":
        return `${this.text(node.getChild("VariableName")!)} = object${this.newlines(node)}`;
      case "MemberExpression":
        return this.member(node);
      case "CallExpression":
        return this.call(node);
      case "ArrayExpression":
      case "SetExpression":
      case "TupleExpression":
        return this.display(node);
      case "DictionaryExpression":
        return this.dictionary(node);
      case "BinaryExpression":
        return this.product(node);
      case "AssignStatement":
        return this.assignment(node);
      case "RaiseStatement":
        return this.raised(node);
      case "Decorator":
        return this.decorator(node);
      case "YieldStatement":
      case "YieldExpression":
        return isInAsyncFunction(node) ? this.asyncYield(node) : this.returned(node);
      case "ReturnStatement":
        return this.returned(node);
      case "ParamList":
        return this.parameters(node);
      case "FormatReplacement":
        return this.replacement(node);
      case "ImportStatement":
        return this.importStatement(node);
      case "ClassDefinition":
        return this.classDefinition(node);
      case "TryStatement":
        return this.tryStatement(node);
      case "MatchStatement":
        return this.matchStatement(node);
      case "AwaitExpression":
        return this.awaited(node);
      case "ArrayComprehensionExpression":
      case "SetComprehensionExpression":
      case "DictionaryComprehensionExpression":
        return this.asynchronous(node) ?? this.awaitingComprehension(node) ?? this.plain(node);
      case "WithStatement":
        return this.parenthesized(node) ?? this.asyncStatement(node);
      case "ForStatement":
        return this.asyncStatement(node);
      case "Body":
      case "Script":
        return this.statementsOf(node);
      default:
        return this.plain(node);
    }
  };

  private blank(node: SyntaxNode): string {
    return this.newlines(node);
  }

  // ---- statements ----

  private assignment(node: SyntaxNode): string {
    const children = childrenOf(node);
    let last = -1;
    children.forEach((child, i) => {
      if (child.name === "AssignOp" && this.text(child) === "=") last = i;
    });
    const value = children.slice(last + 1);
    if (last < 0 || !value.some(({ name }) => name === "*")) return this.plain(node);
    let out = "";
    let at = node.from;
    for (const child of children.slice(0, last + 1)) {
      out += this.source.slice(at, child.from) + this.emit(child);
      at = child.to;
    }
    return `${out} tuple(${this.unpacked(value)})`;
  }

  /** `raise a from b` is remembered where a program asks for causes. */
  private raised(node: SyntaxNode): string {
    const [, error, from, cause] = childrenOf(node);
    if (from?.name !== "from" || cause === undefined || !this.source.includes("__cause__")) return this.plain(node);
    const between = this.source.slice(error!.to, from.from) + this.source.slice(from.to, cause.from);
    return `raise ${COMPAT}.caused(${this.emit(error!)},${between}${this.emit(cause)})`;
  }

  private importStatement(node: SyntaxNode): string {
    const text = this.text(node);
    if (/^from\s+__future__\b/.test(text)) return `pass${this.newlines(node)}`;
    const ofSys = /^from\s+sys\s+import\s+(\w+(?:\s*,\s*\w+)*)$/.exec(text)?.[1]?.split(/\s*,\s*/) ?? [];
    if (ofSys.some((name) => SYS_EXTRAS.has(name)))
      return ofSys
        .map((name) => (SYS_EXTRAS.has(name) ? `${name} = ${COMPAT}.sys_${name}` : `from sys import ${name}`))
        .join("; ");
    if (
      /^(?:import|from)\s(?:[^#]*[\s,])?os\b/.test(text) &&
      (OS_EXTRAS.test(this.source) || FILE_ERRORS.test(this.source))
    )
      return `import _oswhole; ${text}`;
    if (!this.usesMathExtras) return text;
    if (/^from\s+math\s/.test(text)) return text.replace("math", "mathx");
    return this.plain(node, (child) => {
      if (child.name !== "VariableName" || this.text(child) !== "math") return undefined;
      if (child.prevSibling?.name === "as") return undefined;
      return child.nextSibling?.name === "as" ? "mathx" : "mathx as math";
    });
  }

  private tryStatement(node: SyntaxNode): string {
    const children = childrenOf(node);
    const before = this.handled;
    const names = new Map<number, string>();
    const insert = new Map<number, string>();
    children.forEach((child, i) => {
      if (child.name !== "except") return;
      const body = children.findIndex((other, k) => k > i && other.name === "Body");
      if (body < 0 || !/\btraceback\s*\.|\bexc_info\b/.test(this.text(children[body]!))) return;
      const as = children.findIndex((other, k) => k > i && k < body && other.name === "as");
      if (as >= 0) names.set(body, this.text(children[as + 1]!));
      else {
        names.set(body, "_handled");
        insert.set(body, body === i + 1 ? " BaseException as _handled" : " as _handled");
      }
    });
    const out = this.plain(node, (child) => {
      const i = children.findIndex(
        (other) => other.from === child.from && other.to === child.to && other.name === child.name,
      );
      if (child.name !== "Body") return undefined;
      this.handled = names.get(i) ?? before;
      const text = (insert.get(i) ?? "") + this.emit(child);
      this.handled = before;
      return text;
    });
    return out;
  }

  /** `with (a as b, c as d):`, which the parser takes for an expression that does not end; undefined for all others. */
  private parenthesized(node: SyntaxNode): string | undefined {
    const children = childrenOf(node);
    const [, first] = children;
    const end = children.find((child) => child.type.isError && this.text(child) === ")");
    if (first?.name !== "ParenthesizedExpression" || end === undefined || this.text(first).endsWith(")"))
      return undefined;
    const inner = childrenOf(first).find(({ name, type }) => name !== "(" && !type.isError);
    if (inner === undefined) return undefined;
    const text = this.plain(node, (child) => {
      if (child.from === first.from) return `${this.source.slice(first.from + 1, inner.from)}${this.emit(inner)}`;
      return child.from === end.from ? "" : undefined;
    });
    const body = this.emit(children.at(-1)!);
    // What was in brackets goes on behind line ends.
    const head = text.slice(0, text.length - body.length).replace(/,(\s*)$/, "$1");
    return head.replaceAll("\n", "\\\n") + body;
  }

  private matchStatement(node: SyntaxNode): string {
    const children = childrenOf(node);
    const body = children.at(-1)!;
    if (body.name !== "MatchBody") return this.plain(node);
    const variable = `_match${++this.matches}`;
    const subjects = children.slice(1, -1);
    const value = subjects.length === 1 ? this.emit(subjects[0]!) : `(${subjects.map(this.emit).join(" ")})`;
    const clauses = childrenOf(body).filter(({ name }) => name === "MatchClause");
    const conditions = clauses.map((clause) => this.clause(clause, variable));
    if (conditions.includes(undefined)) return this.plain(node);
    let first = true;
    const cases = this.plain(body, (child) => {
      if (child.name !== "MatchClause") return undefined;
      const word = first ? "if" : "elif";
      const text = conditions[clauses.findIndex(({ from }) => from === child.from)]!;
      first = false;
      return `${word} ${text}${this.emit(child.getChild("Body")!)}`;
    });
    return `if [(${variable} := ${value})]${cases}`;
  }

  private clause(clause: SyntaxNode, variable: string): string | undefined {
    // What is broken has none: MicroPython says where.
    if (clause.getChild("Body") === null) return undefined;
    const parts = childrenOf(clause).slice(1, -1);
    const guard = parts.find(({ name }) => name === "Guard");
    const patterns = parts.filter(isPattern);
    const single = patterns.length === 1 && !parts.some(({ name }) => name === ",");
    const test = single ? condition(patterns[0]!, variable, this.emit) : sequence(patterns, variable, this.emit);
    if (test === undefined) return undefined;
    return guard === undefined ? test : `${test} and (${this.emit(guard.lastChild!)})`;
  }

  // ---- classes ----

  private classDefinition(node: SyntaxNode): string {
    const body = node.getChild("Body");
    if (body === null) return this.plain(node);
    const kind = this.kindOf(node);
    const names = kind === undefined ? [] : this.fieldsOf(body, kind);
    const first = names.length === 0 ? null : firstSimple(body);
    return this.plain(node, (child) => {
      if (child.name === "ArgList") return this.bases(child, kind, /\bdef\s+__missing__\b/.test(this.text(body)));
      if (child.name !== "Body" || first === null) return undefined;
      const order = `__order__ = (${names.map((name) => `${JSON.stringify(name)},`).join(" ")}); `;
      return this.statementsOf(child, { at: first.from, text: order });
    });
  }

  /** What a class's fields or members make of it. */
  private kindOf(node: SyntaxNode): "dataclass" | "namedtuple" | "enum" | undefined {
    const decorators = node.parent?.name === "DecoratedStatement" ? node.parent.getChildren("Decorator") : [];
    if (decorators.some((decorator) => /^@\s*(?:\w+\.)?dataclass\b/.test(this.text(decorator)))) return "dataclass";
    const bases = node.getChild("ArgList");
    for (const base of bases === null ? [] : childrenOf(bases)) {
      const name = this.text(base).split(".").at(-1)!;
      if (name === "NamedTuple") return "namedtuple";
      if (this.enums.has(name) && (base.name === "VariableName" || base.name === "MemberExpression")) return "enum";
    }
    return undefined;
  }

  private fieldsOf(body: SyntaxNode, kind: "dataclass" | "namedtuple" | "enum"): string[] {
    const names: string[] = [];
    const look = (statement: SyntaxNode): void => {
      if (statement.name === "StatementGroup") {
        for (const child of childrenOf(statement)) look(child);
        return;
      }
      if (statement.name !== "AssignStatement") return;
      const target = statement.firstChild!;
      if (target.name !== "VariableName") return;
      const type = statement.getChild("TypeDef");
      if (kind === "enum") {
        if (type === null || statement.getChild("AssignOp") !== null) names.push(this.text(target));
        return;
      }
      if (type === null) return;
      const annotation = this.text(type).slice(1).trim().replace(/^["']/, "");
      if (/^(?:typing\.)?ClassVar\b/.test(annotation)) return;
      const mark = /^(?:dataclasses\.)?InitVar\b/.test(annotation) ? "=" : "";
      names.push(/^(?:dataclasses\.)?KW_ONLY\b/.test(annotation) ? "*" : mark + this.text(target));
    };
    for (const statement of childrenOf(body)) look(statement);
    return names;
  }

  /** The list of bases, without a metaclass, which there is none here. */
  private bases(list: SyntaxNode, kind: string | undefined, hasMissing: boolean): string {
    const children = childrenOf(list);
    const kept: string[] = [];
    for (let i = 1; i < children.length - 1; i++) {
      const child = children[i]!;
      if (child.name === ",") continue;
      if (children[i + 1]?.name === "AssignOp") {
        const keyword = this.text(child);
        if (keyword !== "metaclass") {
          // Whether keys of a TypedDict may be missing is for type checkers.
          if (!this.hasMetaclasses && !this.source.includes("__init_subclass__") && keyword !== "total")
            kept.push(`${keyword}=${this.emit(children[i + 2]!)}`);
        } else if (this.text(children[i + 2]!).endsWith("ABCMeta")) kept.push(`__import__("abc").ABC`);
        i += 2;
      } else if (kind === "namedtuple" && this.text(child).split(".").at(-1) === "NamedTuple") kept.push("object");
      else if (this.hasMetaclasses && this.text(child) === "type") kept.push(`${COMPAT}.Type`);
      else if (ABSTRACT_TYPES.has(this.text(child).split(".").at(-1)!))
        kept.push(`${COMPAT}.base_of(${this.emit(child)})`);
      else if (hasMissing && this.text(child) === "dict") kept.push(`${COMPAT}.missing_dict`);
      else kept.push(this.emit(child));
    }
    return this.kept(list, `(${kept.join(", ")})`);
  }

  /** What is to be done with a class or function when it is there: a statement, or undefined. */
  private behind(statement: SyntaxNode): string | undefined {
    if (isAsyncGenerator(statement)) {
      const name = this.text(statement.getChild("VariableName")!);
      return `${name} = ${COMPAT}.agen(${name})`;
    }
    const documentation = this.documentation(statement);
    const node = statement.name === "DecoratedStatement" ? statement.getChild("ClassDefinition") : statement;
    if (node?.name !== "ClassDefinition") return documentation;
    const made = this.madeOf(node);
    const derived = this.derived(node);
    const all = [made, derived, this.ofMeta(node), documentation].filter((text) => text !== undefined);
    return all.length === 0 ? undefined : all.join("; ");
  }

  /** Tells the classes above that a class is below them, where the program asks for that. */
  private derived(node: SyntaxNode): string | undefined {
    const list = node.getChild("ArgList");
    if (list === null || !this.source.includes("__init_subclass__")) return undefined;
    const children = childrenOf(list);
    const keywords = children.flatMap((child, i) =>
      children[i + 1]?.name === "AssignOp" && this.text(child) !== "metaclass"
        ? [`${this.text(child)}=${this.emit(children[i + 2]!)}`]
        : [],
    );
    return `${COMPAT}.derived(${[this.text(node.getChild("VariableName")!), ...keywords].join(", ")})`;
  }

  /** Hands a class to its metaclass, or that of a class above it. */
  private ofMeta(node: SyntaxNode): string | undefined {
    const list = node.getChild("ArgList");
    if (list === null || !this.hasMetaclasses) return undefined;
    const children = childrenOf(list);
    const keywords = children.flatMap((child, i) => {
      if (children[i + 1]?.name !== "AssignOp") return [];
      const keyword = this.text(child) === "metaclass" ? "meta" : this.text(child);
      return keyword === "meta" && ABC_META.test(this.text(children[i + 2]!))
        ? []
        : [`${keyword}=${this.emit(children[i + 2]!)}`];
    });
    const name = this.text(node.getChild("VariableName")!);
    return `${name} = ${COMPAT}.of_meta(${[name, ...keywords].join(", ")})`;
  }

  private madeOf(node: SyntaxNode): string | undefined {
    const kind = this.kindOf(node);
    const body = node.getChild("Body");
    if (body === null || (kind !== "enum" && kind !== "namedtuple")) return undefined;
    const name = this.text(node.getChild("VariableName")!);
    const fields = this.fieldsOf(body, kind);
    if (kind === "enum" && fields.length === 0) {
      this.enums.add(name);
      return undefined;
    }
    return `${name} = ${COMPAT}.${kind}_class(${name}, (${fields.map((field) => `${JSON.stringify(field)},`).join(" ")}))`;
  }

  /** The statements of a block. What follows a class goes where a line is free, or in front of the next statement. */
  statementsOf(node: SyntaxNode, insert?: { readonly at: number; readonly text: string }): string {
    let out = "";
    let at = node.from;
    let pending: string | undefined;
    const emptyLine = (gap: string, indent: string): string | undefined => {
      const lines = gap.split("\n");
      const free = lines.findIndex((line, i) => i > 0 && i < lines.length - 1 && line.trim() === "");
      if (free < 0) return undefined;
      lines[free] = indent + pending!;
      return lines.join("\n");
    };
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      let gap = this.source.slice(at, child.from);
      if (pending !== undefined) {
        const indent = /[^\n]*$/.exec(gap)![0];
        const placed = emptyLine(gap, indent);
        if (placed !== undefined) gap = placed;
        // No free line: simple statements share theirs, others move down by one.
        else gap += SIMPLE.has(child.name) ? `${pending}; ` : `${pending}\n${indent}`;
        pending = undefined;
      }
      if (insert !== undefined && child.from === insert.at) gap += insert.text;
      out += gap + this.emit(child);
      pending = this.behind(child);
      if (pending !== undefined && child.nextSibling === null) {
        const line = this.source.lastIndexOf("\n", child.from - 1) + 1;
        const indent = /^[ \t]*/.exec(this.source.slice(line))![0];
        out += `\n${indent}${pending}\n`;
      }
      at = child.to;
    }
    return out + this.source.slice(at, node.to);
  }
}

/** The first statement of a class's body that others can stand in front of, on its line. */
function firstSimple(body: SyntaxNode): SyntaxNode | null {
  return childrenOf(body).find(({ name }) => SIMPLE.has(name)) ?? null;
}
