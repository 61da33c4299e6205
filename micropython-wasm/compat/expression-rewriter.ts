// Expressions: methods and built-in functions that MicroPython lacks, displays with unpacking, formats, slices.
import type { SyntaxNode } from "@lezer/common";
import { NameRewriter } from "./name-rewriter.js";
import { ABSTRACT_TYPES, COMPAT, GENERIC_TYPES, METHODS, TYPES, UNICODE_METHODS } from "./names.js";
import { childrenOf } from "./patterns.js";
import { comparisonOf, isCalled, isInFunction, isInTry, isSetOperand, isTargetOf } from "./syntax.js";

/** The specification of a format that groups digits of what may be a float. */
const GROUPS_DECIMALS = /[,_](?:\.\d+)?[eEfFgG%]?$/;

/** What gives files, which do not tell whether they are closed. */
const OPENS = /\bopen\(|\b(?:String|Bytes)IO\b/;
/** The specification of a format that may cut a text, which MicroPython does by bytes. */
const CUTS_TEXT = /\.\d+s?$/;
/** A conversion of % that does. */
const PERCENT_CUTS_TEXT = /%[-+ #0]*\d*\.\d+[sra]/;

export abstract class ExpressionRewriter extends NameRewriter {
  /** Classes of the program's that may be subscripted: those below Generic, with type parameters, or __class_getitem__(). */
  private readonly genericClasses = new Set(
    /\b(?:Generic|Protocol)\b|__class_getitem__|\bclass\s+\w+\[/.test(this.source)
      ? [...this.source.matchAll(/\bclass\s+(\w+)/g)].map(([, name]) => name!)
      : [],
  );

  protected member(node: SyntaxNode): string {
    const children = childrenOf(node);
    const [object] = children;
    if (children[1]!.name === ".") {
      const name = this.text(children.at(-1)!);
      if (name === "__cause__" && !isTargetOf(node)) return `${COMPAT}.cause(${this.emit(object!)})`;
      if (name === "__name__" && /\bwraps\b|\bupdate_wrapper\b/.test(this.source))
        return `${COMPAT}.name_of(${this.emit(object!)})`;
      if (name === "code" && /\bSystemExit\b/.test(this.source) && !isTargetOf(node))
        return `${COMPAT}.code(${this.emit(object!)})`;
      if (name === "closed" && OPENS.test(this.source) && !isTargetOf(node) && !isCalled(node))
        return `${COMPAT}.closed(${this.emit(object!)})`;
      if (name === "__await__") return `${COMPAT}.awaits(${this.emit(object!)})`;
      if (this.text(object!) === "super()" && (this.hasSeveralBases || (this.readsBySuper && !isCalled(node)))) {
        const next = this.nextOf(object!);
        if (next !== undefined) return `${next}.next(${JSON.stringify(name)})`;
      }
      const attribute = this.attribute(node, object!, name);
      if (attribute !== undefined) return attribute;
      if (this.text(node) === "asyncio.create_task" && this.awaitsOnTop && !isInFunction(node)) return `${COMPAT}.task`;
      const isType =
        object!.name === "VariableName" && TYPES.has(this.text(object!)) && !this.isOwn(this.text(object!));
      return isType && this.isPutIn(name) ? `${COMPAT}.${name}` : this.plain(node);
    }
    const inside = children.slice(2, -1);
    const isTarget = isTargetOf(node);
    if (object!.name === "VariableName" && GENERIC_TYPES.has(this.text(object!)) && !isTarget) {
      const name = this.text(object!);
      if (!this.isOwn(name)) return this.kept(node, `(${name})`);
    }
    if (object!.name === "VariableName" && !isTarget && this.genericClasses.has(this.text(object!)))
      return this.source.includes("__class_getitem__")
        ? this.kept(node, `${COMPAT}.class_item(${this.emit(object!)}, (${inside.map(this.emit).join(" ")}))`)
        : this.kept(node, `(${this.emit(object!)})`);
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

  protected call(node: SyntaxNode): string {
    const [callee, list] = childrenOf(node) as [SyntaxNode, SyntaxNode];
    if (list?.name !== "ArgList") return this.plain(node);
    const args = childrenOf(list).slice(1, -1);
    const keywords = args.filter((_arg, i) => args[i + 1]?.name === "AssignOp").map((arg) => this.text(arg));
    const commas = args.filter(({ name }) => name === ",").length;
    const count = args.length === 0 ? 0 : commas + (args.at(-1)!.name === "," ? 0 : 1);
    if (callee.name === "VariableName") {
      const name = this.text(callee);
      if (/^(?:has|get|set)attr$/.test(name) && this.functionAttributes.size > 0 && !this.isOwn(name) && count > 1) {
        const [first] = args;
        return `${this.text(callee)}(${COMPAT}.attributes_of(${this.emit(first!)})${this.plain(list).slice(1 + this.emit(first!).length)}`;
      }
      if (/^is(?:instance|subclass)$/.test(name) && count === 2 && this.namesAbstract(args) && !this.isOwn(name))
        return `${COMPAT}.${name}${this.emit(list)}`;
      if (name === "super" && count === 0 && this.hasSeveralBases) return this.nextOf(node) ?? this.plain(node);
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
    if (name === "__init_subclass__" && this.text(object).startsWith("super"))
      return `${COMPAT}.nothing${this.emit(list)}`;
    if (name === "mro" && count === 0) return `${COMPAT}.mro(${this.emit(object)})`;
    if (this.text(callee) === "sys.exc_info") return `${COMPAT}.sys_exc_info(${this.handled ?? ""})`;
    if (this.text(object) === "traceback" && this.handled !== undefined && /^(?:print|format)_exc$/.test(name)) {
      const given = this.emit(list).slice(0, -1);
      return `${this.plain(callee)}${given}${count === 0 ? "" : ", "}exc=${this.handled})`;
    }
    if (ofType !== undefined && TYPES.has(ofType)) return this.plain(node);
    const comparison = name === "keys" && count === 0 ? comparisonOf(node) : undefined;
    if (comparison !== undefined && /^[=!<>]/.test(this.text(comparison))) return `set(${this.plain(node)})`;
    if (count === 0 && (name === "keys" || name === "items") && isSetOperand(node)) return `set(${this.plain(node)})`;
    if (!this.isMethod(name, object, count, keywords, args)) return this.plain(node);
    const rest = this.plain(list).slice(1);
    // The dot may stand on a line of its own.
    const between = this.source.slice(object.to, parts.at(-1)!.from).replace(".", "");
    return `${COMPAT}.${name}(${this.emit(object)}${between}${count === 0 ? "" : ", "}${rest}`;
  }

  protected builtin(name: string, count: number, keywords: readonly string[]): string | undefined {
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
      reversed: count === 1,
      open: count > 0,
      anext: count === 1,
      aiter: count === 1,
      format: count > 0,
    };
    if (!Object.hasOwn(wanted, name) || !wanted[name] || this.isOwn(name)) return undefined;
    const renamed: Readonly<Record<string, string>> = { dict: "mkdict", int: "int_", slice: "mkslice", format: "fmt" };
    return renamed[name] ?? name;
  }

  /** Whether a method is handed over wherever it is called. */
  private isPutIn(name: string): boolean {
    return METHODS.has(name) || (UNICODE_METHODS.has(name) && this.hasUnicode);
  }

  /** Whether isinstance() is asked for what a type has, which no list of types says. */
  private namesAbstract(args: readonly SyntaxNode[]): boolean {
    const words = this.text(args.at(-1)!).match(/\w+/g) ?? [];
    return words.some((word) => ABSTRACT_TYPES.has(word));
  }

  protected isMethod(
    name: string,
    object: SyntaxNode,
    count: number,
    keywords: readonly string[],
    args: readonly SyntaxNode[],
  ): boolean {
    if (this.isPutIn(name)) return true;
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
      case "remove":
      case "index":
        return count === 1 && isInTry(object);
      case "union":
      case "intersection":
      case "difference":
        return count !== 1;
      case "to_bytes":
        return keywords.length > 0 || count < 2;
      case "format":
        return (
          isText(object) &&
          (this.usesFormat || /\{[^{}:!]*[.[]|[,_]\.\d|[,_][eEfFgG%]?\}|\.\d+s?\}/.test(this.text(object)))
        );
      default:
        return false;
    }
  }

  /** Runs of elements between starred ones as tuples, these as they are. */
  protected unpacked(children: readonly SyntaxNode[]): string {
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

  /** `bytearray(…) * n`, which sieves begin with, and `"%.3s" % text`. */
  protected product(node: SyntaxNode): string {
    const [left, operator, right] = childrenOf(node);
    if (left?.name === "String" && this.text(operator!) === "%" && PERCENT_CUTS_TEXT.test(this.text(left)))
      return this.kept(node, `${COMPAT}.percent(${this.emit(left)}, ${this.emit(right!)})`);
    const isArray = left?.name === "CallExpression" && this.text(left.firstChild!) === "bytearray";
    if (!isArray || this.text(operator!) !== "*" || this.isOwn("bytearray")) return this.plain(node);
    return this.kept(node, `${COMPAT}.repeated(${this.emit(left)}, ${this.emit(right!)})`);
  }

  protected display(node: SyntaxNode): string {
    const children = childrenOf(node);
    if (!children.some(({ name }) => name === "*") || isTargetOf(node)) return this.plain(node);
    const list = this.unpacked(children.slice(1, -1));
    const type = node.name === "SetExpression" ? "set" : node.name === "TupleExpression" ? "tuple" : "";
    return this.kept(node, type === "" ? list : `${type}(${list})`);
  }

  /** `{**a, "b": 1}`: a call, whose arguments are what is unpacked, and displays of what stands between. */
  protected dictionary(node: SyntaxNode): string {
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

  protected replacement(node: SyntaxNode): string {
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
  protected formatsItself(node: SyntaxNode, spec: SyntaxNode | undefined): boolean {
    if (spec === undefined) return false;
    // MicroPython groups the digits of integers only.
    if (![GROUPS_DECIMALS, CUTS_TEXT].some((form) => this.usesFormat || form.test(this.text(spec)))) return false;
    if (node.getChild("FormatConversion") !== null || spec.getChild("FormatReplacement") !== null) return false;
    const quote = this.otherQuote(node);
    return quote !== undefined && !/["'\\]/.test(this.text(spec));
  }

  /** The quote that the f-string around a replacement is not in; undefined if it is in three. */
  protected otherQuote(node: SyntaxNode): string | undefined {
    let string: SyntaxNode | null = node.parent;
    while (string !== null && string.name !== "FormatString") string = string.parent;
    const open = string === null ? null : /^[a-zA-Z]*('''|"""|'|")/.exec(this.text(string));
    if (open === null || open[1]!.length > 1) return undefined;
    return open[1] === "'" ? '"' : "'";
  }

  protected parameters(node: SyntaxNode): string {
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
}

/** An expression of an f-string: MicroPython takes a colon in it for the end, unless it is in square brackets. */
function shielded(expression: string): string {
  return expression.includes(":") ? `[${expression}][0]` : expression;
}
