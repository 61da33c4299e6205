// Python source as MicroPython takes it: what it lacks is replaced by calls of `__compat__` (lib/stdlib/_compat.py).
// Every line stays where it is, so that tracebacks name the lines of the original.

import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@lezer/python";
import { asyncComprehension, isAsyncGenerator, isInAsyncFunction } from "./async-generators.js";
import { COMPAT, ERRORS, FORMATS_ITSELF, GENERIC_TYPES, MATH_EXTRAS, METHODS, OS_EXTRAS, TYPES } from "./names.js";
import { childrenOf, condition, isPattern, sequence } from "./patterns.js";

/** Sources that are nested deeper are left alone: the walk is recursive. */
const MAX_DEPTH = 250;

const SIMPLE = new Set(
  (
    "AssignStatement UpdateStatement ExpressionStatement PassStatement ReturnStatement ImportStatement " +
    "DeleteStatement RaiseStatement AssertStatement StatementGroup BreakStatement ContinueStatement ScopeStatement"
  ).split(" "),
);
/** The specification of a format that groups digits of what may be a float. */
const GROUPS_DECIMALS = /[,_](?:\.\d+)?[eEfFgG%]?$/;
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

class Rewriter {
  private readonly usesFormat: boolean;
  private readonly usesMathExtras: boolean;
  private matches = 0;
  /** Classes of the program's that are below Enum and have no members yet. */
  private readonly enums = new Set(ENUMS);
  private readonly own = new Map<string, boolean>();
  private onTop: boolean | undefined;
  /** The item of a comprehension that awaits is being written: it becomes a function. */
  private inComprehension = false;
  /** Name of the exception of the handler that is being written. */
  private handled: string | undefined;

  constructor(
    private readonly source: string,
    private readonly tree: Tree,
  ) {
    this.usesFormat = FORMATS_ITSELF.test(source);
    this.usesMathExtras = MATH_EXTRAS.test(source);
  }

  private text(node: SyntaxNode): string {
    return this.source.slice(node.from, node.to);
  }

  /** Whether a built-in name may be the program's own. */
  private isOwn(name: string): boolean {
    let own = this.own.get(name);
    if (own === undefined) {
      own = new RegExp(
        `\\b(?:def|class|as|for|global|nonlocal)\\s+${name}\\b|\\b${name}\\s*(?::[^=\\n\\]})]*)?=(?!=)|` +
          `\\bimport\\s[^\\n]*\\b${name}\\b|\\blambda[^:\\n]*\\b${name}\\b|\\bdef\\s[^\\n]*[(,]\\s*\\*{0,2}${name}\\b`,
      ).test(this.source);
      this.own.set(name, own);
    }
    return own;
  }

  /** All of a node, with what is between its children as it is. */
  private plain(node: SyntaxNode, except?: (child: SyntaxNode) => string | undefined): string {
    let out = "";
    let at = node.from;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      out += this.source.slice(at, child.from) + (except?.(child) ?? this.emit(child));
      at = child.to;
    }
    return out + this.source.slice(at, node.to);
  }

  readonly emit = (node: SyntaxNode): string => {
    if (node.firstChild === null) return node.name === "VariableName" ? this.variable(node) : this.text(node);
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
      case "ForStatement":
      case "WithStatement":
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

  /** The line ends in a node, for what leaves it out: inside brackets, or behind backslashes. */
  private newlines(node: SyntaxNode): string {
    return "\\\n".repeat(this.text(node).split("\n").length - 1);
  }

  /** Text between brackets with as many lines as the node has. */
  private kept(node: SyntaxNode, text: string): string {
    const missing = this.text(node).split("\n").length - text.split("\n").length;
    return missing > 0 ? text.slice(0, -1) + "\n".repeat(missing) + text.slice(-1) : text;
  }

  // ---- expressions ----

  private variable(node: SyntaxNode): string {
    const name = this.text(node);
    // What is awaited is iterated over.
    if (name === "__await__") return "__iter__";
    const error = Object.hasOwn(ERRORS, name) ? ERRORS[name] : undefined;
    return error !== undefined && !this.isOwn(name) ? error : name;
  }

  private member(node: SyntaxNode): string {
    const children = childrenOf(node);
    const [object] = children;
    if (children[1]!.name === ".") {
      const name = this.text(children.at(-1)!);
      if (name === "__cause__" && !isTargetOf(node)) return `${COMPAT}.cause(${this.emit(object!)})`;
      if (name === "__name__" && /\bwraps\b|\bupdate_wrapper\b/.test(this.source))
        return `${COMPAT}.name_of(${this.emit(object!)})`;
      if (name === "code" && /\bSystemExit\b/.test(this.source) && !isTargetOf(node))
        return `${COMPAT}.code(${this.emit(object!)})`;
      if (name === "__await__") return `${COMPAT}.awaits(${this.emit(object!)})`;
      if (this.text(node) === "asyncio.create_task" && this.awaitsOnTop && !isInFunction(node)) return `${COMPAT}.task`;
      const isType =
        object!.name === "VariableName" && TYPES.has(this.text(object!)) && !this.isOwn(this.text(object!));
      return isType && METHODS.has(name) ? `${COMPAT}.${name}` : this.plain(node);
    }
    const inside = children.slice(2, -1);
    const isTarget = isTargetOf(node);
    if (object!.name === "VariableName" && GENERIC_TYPES.has(this.text(object!)) && !isTarget) {
      const name = this.text(object!);
      if (!this.isOwn(name)) return this.kept(node, `(${name})`);
    }
    const colons = inside.filter(({ name }) => name === ":").length;
    if (colons !== 2 || inside.some(({ name }) => name === ",")) return this.plain(node);
    const parts = ["None", "None", "None"];
    let part = 0;
    for (const child of inside) {
      if (child.name === ":") part++;
      else parts[part] = this.emit(child);
    }
    const of = this.emit(object!);
    if (isTarget) return this.kept(node, `${COMPAT}.S(${of})[${parts.join(", ")}]`);
    if (parts[2] === "None")
      return this.kept(node, `${of}[${parts[0] === "None" ? "" : parts[0]}:${parts[1] === "None" ? "" : parts[1]}]`);
    return this.kept(node, `${COMPAT}.slice(${[of, ...parts].join(", ")})`);
  }

  private call(node: SyntaxNode): string {
    const [callee, list] = childrenOf(node) as [SyntaxNode, SyntaxNode];
    if (list?.name !== "ArgList") return this.plain(node);
    const args = childrenOf(list).slice(1, -1);
    const keywords = args.filter((_arg, i) => args[i + 1]?.name === "AssignOp").map((arg) => this.text(arg));
    const commas = args.filter(({ name }) => name === ",").length;
    const count = args.length === 0 ? 0 : commas + (args.at(-1)!.name === "," ? 0 : 1);
    if (callee.name === "VariableName") {
      const name = this.text(callee);
      const replaced = this.builtin(name, count, keywords);
      if (replaced === undefined) return this.plain(node);
      return `${COMPAT}.${replaced}${this.source.slice(callee.to, list.from)}${this.emit(list)}`;
    }
    if (callee.name !== "MemberExpression" || childrenOf(callee)[1]!.name !== ".") return this.plain(node);
    const parts = childrenOf(callee);
    const object = parts[0]!;
    const name = this.text(parts.at(-1)!);
    const ofType = object.name === "VariableName" && !this.isOwn(this.text(object)) ? this.text(object) : undefined;
    if ((ofType === "str" && name === "maketrans") || (ofType === "int" && name === "from_bytes"))
      return `${COMPAT}.${name}${this.emit(list)}`;
    if (this.text(object) === "traceback" && this.handled !== undefined && /^(?:print|format)_exc$/.test(name)) {
      const given = this.emit(list).slice(0, -1);
      return `${this.plain(callee)}${given}${count === 0 ? "" : ", "}exc=${this.handled})`;
    }
    if (ofType !== undefined && TYPES.has(ofType)) return this.plain(node);
    if (count === 0 && (name === "keys" || name === "items") && isSetOperand(node)) return `set(${this.plain(node)})`;
    if (!this.isMethod(name, object, count, keywords, args)) return this.plain(node);
    const rest = this.plain(list).slice(1);
    // The dot may stand on a line of its own.
    const between = this.source.slice(object.to, parts.at(-1)!.from).replace(".", "");
    return `${COMPAT}.${name}(${this.emit(object)}${between}${count === 0 ? "" : ", "}${rest}`;
  }

  private builtin(name: string, count: number, keywords: readonly string[]): string | undefined {
    const has = (keyword: string) => keywords.includes(keyword);
    const wanted: Readonly<Record<string, boolean>> = {
      print: has("flush"),
      sorted: true,
      dict: count > keywords.length,
      pow: count === 3,
      iter: count === 2,
      zip: has("strict"),
      sum: has("start"),
      int: has("base"),
      round: count === 2 || this.usesFormat,
      vars: count === 1,
      ascii: count === 1,
      slice: count > 0,
      anext: count === 1,
      aiter: count === 1,
      format: count > 0,
    };
    if (!Object.hasOwn(wanted, name) || !wanted[name] || this.isOwn(name)) return undefined;
    const renamed: Readonly<Record<string, string>> = { dict: "mkdict", int: "int_", slice: "mkslice", format: "fmt" };
    return renamed[name] ?? name;
  }

  private isMethod(
    name: string,
    object: SyntaxNode,
    count: number,
    keywords: readonly string[],
    args: readonly SyntaxNode[],
  ): boolean {
    if (METHODS.has(name)) return true;
    const isText = (node: SyntaxNode | undefined) => node?.name === "String" || node?.name === "FormatString";
    switch (name) {
      case "center":
      case "splitlines":
        return count > 0;
      case "encode":
      case "decode":
        return count > 0;
      case "startswith":
      case "endswith":
        return count > 0 && !isText(args[0]);
      case "split":
        return keywords.length > 0;
      case "rsplit":
        return keywords.length > 0 || count === 0 || args[0]?.name === "None";
      case "to_bytes":
        return keywords.length > 0 || count < 2;
      case "format":
        return (
          isText(object) && (this.usesFormat || /\{[^{}:!]*[.[]|[,_]\.\d|[,_][eEfFgG%]?\}/.test(this.text(object)))
        );
      default:
        return false;
    }
  }

  /** Runs of elements between starred ones as tuples, these as they are. */
  private unpacked(children: readonly SyntaxNode[]): string {
    const parts: string[] = [];
    let run: string[] = [];
    const flush = (): void => {
      if (run.length > 0) parts.push(`(${run.join(", ")},)`);
      run = [];
    };
    for (let i = 0; i < children.length; i++) {
      const child = children[i]!;
      if (child.name === "*") {
        flush();
        parts.push(this.emit(children[++i]!));
      } else if (child.name !== ",") run.push(this.emit(child));
    }
    flush();
    return `${COMPAT}.lst(${parts.join(", ")})`;
  }

  private display(node: SyntaxNode): string {
    const children = childrenOf(node);
    if (!children.some(({ name }) => name === "*") || isTargetOf(node)) return this.plain(node);
    const list = this.unpacked(children.slice(1, -1));
    const type = node.name === "SetExpression" ? "set" : node.name === "TupleExpression" ? "tuple" : "";
    return this.kept(node, type === "" ? list : `${type}(${list})`);
  }

  /** `{**a, "b": 1}`: a call, whose arguments are what is unpacked, and displays of what stands between. */
  private dictionary(node: SyntaxNode): string {
    const children = childrenOf(node).slice(1, -1);
    if (!children.some(({ name }) => name === "**")) return this.plain(node);
    const parts: string[] = [];
    let run: string[] = [];
    const flush = (): void => {
      if (run.length > 0) parts.push(`{${run.join(", ")}}`);
      run = [];
    };
    for (let i = 0; i < children.length; i++) {
      const child = children[i]!;
      if (child.name === ",") continue;
      if (child.name === "**") {
        flush();
        parts.push(this.emit(children[++i]!));
      } else if (children[i + 1]?.name === ":" && children[i + 2] !== undefined) {
        run.push(`${this.emit(child)}: ${this.emit(children[i + 2]!)}`);
        i += 2;
      } else return this.plain(node);
    }
    flush();
    return this.kept(node, `${COMPAT}.merge(${parts.join(", ")})`);
  }

  private replacement(node: SyntaxNode): string {
    const children = childrenOf(node);
    // `{x=}` shows its own text.
    if (children.some(({ name }) => name === "FormatSelfDoc")) return this.text(node);
    const end = children.find(({ name }) => /^Format(?:Spec|Conversion)$/.test(name)) ?? children.at(-1)!;
    let expression = "";
    let at = node.from + 1;
    for (const child of children.slice(1)) {
      if (child.from >= end.from) break;
      expression += this.source.slice(at, child.from) + this.emit(child);
      at = child.to;
    }
    expression += this.source.slice(at, end.from);
    const spec = children.find(({ name }) => name === "FormatSpec");
    const text = this.formatsItself(node, spec) ? this.text(spec!).slice(1) : undefined;
    if (text === undefined) {
      let tail = "";
      at = end.from;
      for (const child of children) {
        if (child.from < end.from) continue;
        tail += this.source.slice(at, child.from) + this.emit(child);
        at = child.to;
      }
      return `{${shielded(expression)}${tail}${this.source.slice(at, node.to)}`;
    }
    const quote = this.otherQuote(node)!;
    return `{${shielded(`${COMPAT}.fmt(${expression.trim()}, ${quote}${text}${quote})`)}}`;
  }

  /** Whether the object of a replacement may have a format of its own, which MicroPython does not ask for. */
  private formatsItself(node: SyntaxNode, spec: SyntaxNode | undefined): boolean {
    if (spec === undefined) return false;
    // MicroPython groups the digits of integers only.
    if (!this.usesFormat && !GROUPS_DECIMALS.test(this.text(spec))) return false;
    if (node.getChild("FormatConversion") !== null || spec.getChild("FormatReplacement") !== null) return false;
    const quote = this.otherQuote(node);
    return quote !== undefined && !/["'\\]/.test(this.text(spec));
  }

  /** The quote that the f-string around a replacement is not in; undefined if it is in three. */
  private otherQuote(node: SyntaxNode): string | undefined {
    let string: SyntaxNode | null = node.parent;
    while (string !== null && string.name !== "FormatString") string = string.parent;
    const open = string === null ? null : /^[a-zA-Z]*('''|"""|'|")/.exec(this.text(string));
    if (open === null || open[1]!.length > 1) return undefined;
    return open[1] === "'" ? '"' : "'";
  }

  private parameters(node: SyntaxNode): string {
    let out = "";
    let at = node.from;
    let dropComma = false;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      let gap = this.source.slice(at, child.from);
      const slash = gap.indexOf("/");
      if (slash >= 0) {
        gap = gap.replace("/", "");
        dropComma = true;
      }
      const isSlash = child.type.isError && this.text(child) === "/";
      if (isSlash) dropComma = true;
      out += gap;
      if (child.name === "," && dropComma) dropComma = false;
      else if (!isSlash) {
        // A slash that is the last parameter: the comma in front of it goes.
        if (dropComma && child.name === ")") out = out.replace(/,(\s*)$/, "$1");
        out += this.emit(child);
      }
      at = child.to;
    }
    const tail = this.source.slice(at, node.to);
    if (tail.includes("/")) return (out + tail.replace("/", "")).replace(/,(\s*)$/, "$1");
    return dropComma ? (out + tail).replace(/,(\s*)$/, "$1") : out + tail;
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

  // ---- asynchronous generators ----

  private asyncYield(node: SyntaxNode): string {
    const [word, ...rest] = childrenOf(node) as [SyntaxNode, ...SyntaxNode[]];
    if (rest.length === 0) return `${this.text(word)} ${COMPAT}.item(None)`;
    const value = this.source.slice(word.to, rest[0]!.from) + this.returned(node).slice(rest[0]!.from - word.from);
    const isTuple = rest.some(({ name }) => name === ",") && !rest.some(({ name }) => name === "*");
    return `${this.text(word)} ${COMPAT}.item(${isTuple ? `(${value})` : value})`;
  }

  private decorator(node: SyntaxNode): string {
    const text = this.plain(node);
    const { nextSibling } = node;
    if (nextSibling === null || !isAsyncGenerator(nextSibling)) return text;
    return text.replace(/^@\s*([^\n]*)/, (_all, decorator: string) => `@${COMPAT}.agen_then(${decorator})`);
  }

  /** `[f(x) async for x in xs if x]` is a call of a coroutine with functions of x. */
  private asynchronous(node: SyntaxNode): string | undefined {
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

  private returned(node: SyntaxNode): string {
    const [word, ...rest] = childrenOf(node) as [SyntaxNode, ...SyntaxNode[]];
    if (!rest.some(({ name }) => name === "*")) return this.plain(node);
    return `${this.text(word)} tuple(${this.unpacked(rest)})`;
  }

  private importStatement(node: SyntaxNode): string {
    const text = this.text(node);
    if (/^from\s+__future__\b/.test(text)) return `pass${this.newlines(node)}`;
    if (/^(?:import|from)\s(?:[^#]*[\s,])?os\b/.test(text) && OS_EXTRAS.test(this.source))
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
      if (body < 0 || !/\btraceback\s*\./.test(this.text(children[body]!))) return;
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
    const parts = childrenOf(clause).slice(1, -1);
    const guard = parts.find(({ name }) => name === "Guard");
    const patterns = parts.filter(isPattern);
    const single = patterns.length === 1 && !parts.some(({ name }) => name === ",");
    const test = single ? condition(patterns[0]!, variable, this.emit) : sequence(patterns, variable, this.emit);
    if (test === undefined) return undefined;
    return guard === undefined ? test : `${test} and (${this.emit(guard.lastChild!)})`;
  }

  // ---- await ----

  /** Whether the program awaits outside of functions. */
  private get awaitsOnTop(): boolean {
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

  /** Outside of functions, the event loop runs until the awaited is done; what is awaited is made while it runs. */
  private awaited(node: SyntaxNode): string {
    if (this.inComprehension || isInFunction(node)) return this.plain(node);
    const awaited = node.lastChild!;
    // The gap may have line ends, inside brackets.
    return `${COMPAT}.top(lambda: ${this.source.slice(node.from + "await".length, awaited.from)}${this.emit(awaited)})`;
  }

  /** `async for x in y` and `async with a as b` outside of functions. */
  private asyncStatement(node: SyntaxNode): string {
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
  private awaitingComprehension(node: SyntaxNode): string | undefined {
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
      names.push(/^(?:dataclasses\.)?KW_ONLY\b/.test(annotation) ? "*" : this.text(target));
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
        if (keyword !== "metaclass") kept.push(`${keyword}=${this.emit(children[i + 2]!)}`);
        else if (this.text(children[i + 2]!).endsWith("ABCMeta")) kept.push(`__import__("abc").ABC`);
        i += 2;
      } else if (kind === "namedtuple" && this.text(child).split(".").at(-1) === "NamedTuple") kept.push("object");
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
    const node = statement.name === "DecoratedStatement" ? statement.getChild("ClassDefinition") : statement;
    if (node?.name !== "ClassDefinition") return undefined;
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

/** An expression of an f-string: MicroPython takes a colon in it for the end, unless it is in square brackets. */
function shielded(expression: string): string {
  return expression.includes(":") ? `[${expression}][0]` : expression;
}

/** The first statement of a class's body that others can stand in front of, on its line. */
function firstSimple(body: SyntaxNode): SyntaxNode | null {
  return childrenOf(body).find(({ name }) => SIMPLE.has(name)) ?? null;
}

/** Whether a node is in the body of a function, or in a lambda. */
function isInFunction(node: SyntaxNode): boolean {
  for (let parent = node.parent; parent !== null; parent = parent.parent)
    if (parent.name === "FunctionDefinition" || parent.name === "LambdaExpression") return true;
  return false;
}

/** Whether a node awaits, other than in a function of its own. */
function awaits(node: SyntaxNode): boolean {
  if (node.name === "AwaitExpression") return true;
  if (node.name === "LambdaExpression") return false;
  return childrenOf(node).some(awaits);
}

/** What an `async` statement iterates over, or enters. */
function isSubject(child: SyntaxNode, isLoop: boolean, behindIn: boolean): boolean {
  if (/^(?:async|for|in|with|as|else|,|Body|:)$/.test(child.name)) return false;
  return isLoop ? behindIn : child.prevSibling?.name !== "as";
}

/** Whether an expression is an operand of an operation that sets have. */
function isSetOperand({ parent }: SyntaxNode): boolean {
  return parent?.name === "BinaryExpression" && childrenOf(parent).some(({ name }) => /^(?:BitOp|ArithOp)$/.test(name));
}

/** Whether an expression is assigned to, or deleted. */
function isTargetOf(node: SyntaxNode): boolean {
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
