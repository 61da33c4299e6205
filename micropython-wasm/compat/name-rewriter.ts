// Names and attributes: of functions, which have none here, of classes, and those that a class keeps to itself.
import type { SyntaxNode } from "@lezer/common";
import { ABOUT, BEYOND_ASCII, COMPAT, ERRORS, SYS_EXTRAS } from "./names.js";
import { SourceWriter } from "./source-writer.js";
import { isTargetOf } from "./syntax.js";

export abstract class NameRewriter extends SourceWriter {
  private attributes: ReadonlySet<string> | undefined;
  private beyondAscii: boolean | undefined;
  private severalBases: boolean | undefined;

  /** Whether the program has text that upper() and the like of MicroPython's do not know. */
  protected get hasUnicode(): boolean {
    this.beyondAscii ??= BEYOND_ASCII.test(this.source);
    return this.beyondAscii;
  }

  /** Names of attributes that the program gives to functions of its own: `def f(): …` and `f.calls = 0`. */
  protected get functionAttributes(): ReadonlySet<string> {
    this.attributes ??= new Set(
      [...this.source.matchAll(/\b(\w+)\.(\w+)\s*(?:[-+*/|&]|\/\/)?=(?!=)/g)]
        .filter(([, name]) => new RegExp(`\\bdef\\s+${name}\\b`).test(this.source))
        .map(([, , attribute]) => attribute!),
    );
    return this.attributes;
  }

  protected variable(node: SyntaxNode): string {
    const name = this.text(node);
    // What is awaited is iterated over.
    if (name === "__await__") return "__iter__";
    const error = Object.hasOwn(ERRORS, name) ? ERRORS[name] : undefined;
    return error !== undefined && !this.isOwn(name) ? error : this.mangled(node);
  }

  /** `__name` in a class is `_Class__name`. https://docs.python.org/3/reference/expressions.html#private-name-mangling */
  protected mangled(node: SyntaxNode): string {
    const name = this.text(node);
    if (!name.startsWith("__") || name.endsWith("__")) return name;
    let parent = node.parent;
    // A class's own name and bases are outside of it.
    for (let child = node; parent !== null; child = parent, parent = parent.parent)
      if (parent.name === "ClassDefinition" && child.name === "Body") break;
    const owner = parent === null ? "" : this.text(parent.getChild("VariableName")!).replace(/^_+/, "");
    return owner === "" ? name : `_${owner}${name}`;
  }

  /** Whether a class of the program's has several bases: MicroPython's super() does not find what is beside a base. */
  protected get hasSeveralBases(): boolean {
    this.severalBases ??= /\bclass\s+\w+\s*\(\s*[\w.]+\s*,\s*(?!metaclass\b)[\w.]+\s*[,)]/.test(this.source);
    return this.severalBases;
  }

  /** Whether the program reads attributes by super(), which gives MicroPython's properties as they are. */
  protected get readsBySuper(): boolean {
    return this.hasSeveralBases || /\bsuper\(\)\.(?!__)\w+\b(?!\s*\()/.test(this.source);
  }

  /** `super()` in a method, with the class and the object told; undefined elsewhere. */
  protected nextOf(node: SyntaxNode): string | undefined {
    let method: SyntaxNode | null = node.parent;
    while (method !== null && method.name !== "FunctionDefinition" && method.name !== "LambdaExpression")
      method = method.parent;
    const owner = method?.parent?.name === "DecoratedStatement" ? method.parent.parent : method?.parent;
    if (method?.name !== "FunctionDefinition" || owner?.parent?.name !== "ClassDefinition") return undefined;
    const self = method.getChild("ParamList")?.getChild("VariableName");
    const name = owner.parent.getChild("VariableName");
    // A class in a function is not known by its name in all of its methods.
    if (self == null || name === null || owner.parent.parent?.name !== "Script") return undefined;
    return `${COMPAT}.super_of(${this.text(name)}, ${this.text(self)})`;
  }

  /** What stands for an attribute that is not there, or not as it is; undefined for all others. */
  protected attribute(node: SyntaxNode, object: SyntaxNode, name: string): string | undefined {
    const isTarget = isTargetOf(node);
    if (this.functionAttributes.has(name)) return `${COMPAT}.attributes_of(${this.emit(object)}).${name}`;
    if (isTarget) return undefined;
    if (ABOUT.has(name)) return `${COMPAT}.${name.replaceAll("__", "")}_of(${this.emit(object)})`;
    if (SYS_EXTRAS.has(name) && this.text(object) === "sys") return `${COMPAT}.sys_${name}`;
    return undefined;
  }

  /** What says what a function or class is documented with, when it is there; undefined where nobody asks. */
  protected documentation(statement: SyntaxNode): string | undefined {
    if (!/__doc__|\bgetdoc\b/.test(this.source)) return undefined;
    const isDecorated = statement.name === "DecoratedStatement";
    // What a decorator makes of a function has the documentation of its own.
    if (isDecorated && !/\bwraps\b|\bupdate_wrapper\b/.test(this.source)) return undefined;
    const node = isDecorated
      ? (statement.getChild("FunctionDefinition") ?? statement.getChild("ClassDefinition"))
      : statement;
    if (node?.name !== "FunctionDefinition" && node?.name !== "ClassDefinition") return undefined;
    const first = node.getChild("Body")?.firstChild?.nextSibling;
    const text = first?.name === "ExpressionStatement" ? first.firstChild : null;
    if (text?.name !== "String" || first!.firstChild!.nextSibling !== null) return undefined;
    const literal = this.text(text);
    if (!/^["']/.test(literal)) return undefined;
    const name = this.text(node.getChild("VariableName")!);
    return `${COMPAT}.documented(${name}, ${literal.replaceAll("\\\n", "").replaceAll("\n", "\\n")})`;
  }
}
