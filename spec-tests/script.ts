// Scripts: the grammar of .wast files, as the reference interpreter documents it
// (https://github.com/WebAssembly/spec/tree/main/interpreter#scripts).

import { Lexer, ScriptSyntaxError, stringBytes } from "./lexer.js";
import { LiteralError, parseF32, parseF64, parseInteger } from "./literals.js";
import type { NumericType, Pattern, RefKind, RefValue, Value } from "./values.js";

export { ScriptSyntaxError };

/** A module as the script gives it. Text and bytes are strings of bytes, see lexer.ts. */
export interface ModuleSource {
  /**
   * `text`: in the script's own text; `quote`: text in strings, which may be malformed;
   * `binary`: the bytes themselves.
   */
  readonly form: "text" | "quote" | "binary";
  /** `$id` with its dollar, if it has one. */
  readonly id: string | undefined;
  readonly content: string;
}

export type Action =
  | {
      readonly kind: "invoke";
      readonly instance: string | undefined;
      readonly name: string;
      readonly args: readonly Value[];
    }
  | { readonly kind: "get"; readonly instance: string | undefined; readonly name: string };

/** Something that is instantiated: a module given in place, or a definition made before. */
export type InstanceSource =
  | { readonly kind: "module"; readonly module: ModuleSource }
  | { readonly kind: "definition"; readonly id: string | undefined };

/** The assertions about a module alone. */
export type ModuleAssertion =
  | "assert_malformed"
  | "assert_invalid"
  | "assert_malformed_custom"
  | "assert_invalid_custom";

export type Command = { readonly line: number } & (
  | { readonly kind: "module"; readonly module: ModuleSource }
  | { readonly kind: "definition"; readonly module: ModuleSource }
  | { readonly kind: "instance"; readonly id: string | undefined; readonly definition: string | undefined }
  | { readonly kind: "register"; readonly name: string; readonly instance: string | undefined }
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "assert_return"; readonly action: Action; readonly results: readonly Pattern[] }
  | { readonly kind: "assert_trap"; readonly action: Action; readonly message: string }
  | { readonly kind: "assert_exhaustion"; readonly action: Action; readonly message: string }
  | { readonly kind: "assert_exception"; readonly action: Action }
  | { readonly kind: "assert_unlinkable"; readonly source: InstanceSource; readonly message: string }
  | { readonly kind: "assert_uninstantiable"; readonly source: InstanceSource; readonly message: string }
  | { readonly kind: ModuleAssertion; readonly module: ModuleSource; readonly message: string }
);

/** Whether a command counts as an assertion; the others only prepare. */
export function isAssertion(command: Command): boolean {
  return command.kind.startsWith("assert_");
}

/**
 * Reads a whole script.
 * @param source the file, one char per byte (`sourceOfBytes`)
 * @throws ScriptSyntaxError
 */
export function parseScript(source: string): Command[] {
  return new ScriptParser(source).script();
}

const COMMANDS = new Set([
  "module",
  "register",
  "invoke",
  "get",
  "assert_return",
  "assert_trap",
  "assert_exhaustion",
  "assert_exception",
  "assert_unlinkable",
  "assert_uninstantiable",
  "assert_malformed",
  "assert_invalid",
  "assert_malformed_custom",
  "assert_invalid_custom",
]);
/** Fields that a file may begin with when all of it is one module. */
const MODULE_FIELDS = new Set("type rec import func table memory global export start elem data tag".split(" "));

class ScriptParser {
  readonly #lexer: Lexer;
  /** End of the last token that was taken. */
  #consumed = 0;

  constructor(source: string) {
    this.#lexer = new Lexer(source);
  }

  script(): Command[] {
    const lexer = this.#lexer;
    const commands: Command[] = [];
    while (lexer.kind !== "end") {
      const start = lexer.start;
      const line = lexer.lineAt(start);
      this.#open();
      const keyword = this.#atom("a command");
      if (commands.length === 0 && MODULE_FIELDS.has(keyword)) {
        const module: ModuleSource = { form: "text", id: undefined, content: `(module ${lexer.source.slice(start)})` };
        return [{ kind: "module", line, module }];
      }
      if (!COMMANDS.has(keyword)) lexer.fail(`unknown command ${keyword}`, start);
      commands.push(this.#command(keyword, line));
    }
    return commands;
  }

  /** From behind the keyword to behind the closing parenthesis. */
  #command(keyword: string, line: number): Command {
    switch (keyword) {
      case "module":
        return this.#moduleCommand(line);
      case "register": {
        const name = this.#name();
        const instance = this.#optionalId();
        this.#close();
        return { kind: "register", line, name, instance };
      }
      case "invoke":
      case "get":
        return { kind: "action", line, action: this.#actionBody(keyword) };
      case "assert_return": {
        const action = this.#action();
        const results: Pattern[] = [];
        while (this.#lexer.kind === "(") results.push(this.#pattern());
        this.#close();
        return { kind: keyword, line, action, results };
      }
      case "assert_exception": {
        const action = this.#action();
        this.#close();
        return { kind: keyword, line, action };
      }
      case "assert_trap":
      case "assert_exhaustion": {
        this.#open();
        const inner = this.#atom("an action or a module");
        if (inner === "module" && keyword === "assert_trap") {
          return { kind: "assert_uninstantiable", line, source: this.#instanceSource(), message: this.#message() };
        }
        return { kind: keyword, line, action: this.#actionBody(inner), message: this.#message() };
      }
      case "assert_unlinkable":
      case "assert_uninstantiable":
        this.#openWord("module");
        return { kind: keyword, line, source: this.#instanceSource(), message: this.#message() };
      default:
        this.#openWord("module");
        return {
          kind: keyword as ModuleAssertion,
          line,
          module: this.#module().module,
          message: this.#message(),
        };
    }
  }

  #moduleCommand(line: number): Command {
    if (this.#atWord("instance")) {
      const { id, definition } = this.#instanceIds();
      return { kind: "instance", line, id, definition };
    }
    const { module, isDefinition } = this.#module();
    return { kind: isDefinition ? "definition" : "module", line, module };
  }

  #instanceSource(): InstanceSource {
    if (this.#atWord("instance")) {
      return { kind: "definition", id: this.#instanceIds().definition };
    }
    return { kind: "module", module: this.#module().module };
  }

  /** `instance $instance? $definition?`: one id alone is the definition's. */
  #instanceIds(): { id: string | undefined; definition: string | undefined } {
    this.#advance();
    const first = this.#optionalId();
    const second = this.#optionalId();
    this.#close();
    return second === undefined ? { id: undefined, definition: first } : { id: first, definition: second };
  }

  /** From behind the word `module` to behind its closing parenthesis. */
  #module(): { module: ModuleSource; isDefinition: boolean } {
    const lexer = this.#lexer;
    const isDefinition = this.#atWord("definition");
    if (isDefinition) this.#advance();
    const id = this.#optionalId();
    if (this.#atWord("binary") || this.#atWord("quote")) {
      const form = this.#atom("a form") as "binary" | "quote";
      let content = "";
      while (this.#lexer.kind === "string") content += this.#string();
      this.#close();
      return { module: { form, id, content }, isDefinition };
    }
    // From the header's end, not from the next token: annotations between the two are the module's.
    const start = this.#consumed;
    const fields = lexer.source.slice(start, lexer.skipToClose());
    return { module: { form: "text", id, content: `(module ${id ?? ""}${fields})` }, isDefinition };
  }

  #action(): Action {
    this.#open();
    return this.#actionBody(this.#atom("an action"));
  }

  #actionBody(keyword: string): Action {
    if (keyword !== "invoke" && keyword !== "get") this.#lexer.fail(`an action expected, found ${keyword}`);
    const instance = this.#optionalId();
    const name = this.#name();
    if (keyword === "get") {
      this.#close();
      return { kind: "get", instance, name };
    }
    const args: Value[] = [];
    while (this.#lexer.kind === "(") args.push(this.#argument());
    this.#close();
    return { kind: "invoke", instance, name, args };
  }

  #argument(): Value {
    const lexer = this.#lexer;
    const start = lexer.start;
    this.#open();
    const keyword = this.#atom("a constant");
    const ref = REF_ARGUMENTS[keyword];
    if (ref !== undefined) {
      const operand = this.#atom("an operand");
      this.#close();
      return ref === "null" ? { type: "ref", kind: "null", heap: operand } : hostValue(ref, this.#number(operand));
    }
    const { type, bits, mask } = this.#constant(keyword, start);
    if (mask !== ONES[type]) lexer.fail("a NaN pattern is not a value", start);
    return { type, bits };
  }

  #pattern(): Pattern {
    const lexer = this.#lexer;
    const start = lexer.start;
    this.#open();
    const keyword = this.#atom("a result");
    if (keyword === "either") {
      const options: Pattern[] = [];
      while (lexer.kind === "(") options.push(this.#pattern());
      const text = this.#closeText(start);
      return { kind: "either", options, text };
    }
    const accepts = REF_PATTERNS[keyword];
    if (accepts !== undefined) {
      const operand = lexer.kind === "atom" ? this.#atom("an operand") : undefined;
      const text = this.#closeText(start);
      if (operand === undefined || keyword === "ref.null") return { kind: "ref", accepts, text };
      if (keyword !== "ref.extern" && keyword !== "ref.host") lexer.fail(`${keyword} takes no operand`, start);
      return { kind: "ref", accepts, host: this.#number(operand), text };
    }
    const { type, bits, mask } = this.#constant(keyword, start);
    return { kind: "bits", type, bits, mask, text: lexer.source.slice(start, this.#consumed) };
  }

  /** `t.const …` from behind its keyword to behind its parenthesis; NaN classes become masks. */
  #constant(keyword: string, start: number): { type: NumericType; bits: bigint; mask: bigint } {
    const type = CONSTANTS[keyword];
    if (type === undefined) this.#lexer.fail(`a constant expected, found ${keyword}`, start);
    if (type !== "v128") {
      const { bits, mask } = this.#lane(type);
      this.#close();
      return { type, bits, mask };
    }
    const shape = SHAPES[this.#atom("a vector shape")];
    if (shape === undefined) this.#lexer.fail("unknown vector shape", start);
    let bits = 0n;
    let mask = 0n;
    for (let lane = 0; lane < shape.lanes; lane++) {
      const position = BigInt((lane * 128) / shape.lanes);
      const pattern = this.#lane(shape.type);
      bits |= pattern.bits << position;
      mask |= pattern.mask << position;
    }
    this.#close();
    return { type, bits, mask };
  }

  #lane(type: LaneType): LanePattern {
    const lexer = this.#lexer;
    const text = this.#atom("a number");
    const cached = LANE_CACHE[type].get(text);
    if (cached !== undefined) return cached;
    try {
      const pattern = lanePattern(type, text);
      LANE_CACHE[type].set(text, pattern);
      return pattern;
    } catch (error) {
      if (error instanceof LiteralError) lexer.fail(error.message);
      throw error;
    }
  }

  #number(text: string): number {
    if (!/^[0-9]{1,9}$/.test(text)) this.#lexer.fail(`a number expected, found ${text}`);
    return Number(text);
  }

  #message(): string {
    const message = this.#name();
    this.#close();
    return message;
  }

  #optionalId(): string | undefined {
    const lexer = this.#lexer;
    if (lexer.kind !== "atom" || !lexer.source.startsWith("$", lexer.start)) {
      return undefined;
    }
    return this.#atom("an id");
  }

  /** A string literal's bytes. */
  #string(): string {
    const lexer: Lexer = this.#lexer;
    if (lexer.kind !== "string") lexer.fail("a string expected");
    const bytes = stringBytes(lexer.text);
    if (bytes === undefined) return lexer.fail("malformed escape in a string");
    this.#advance();
    return bytes;
  }

  /** A string literal that is a name: UTF-8, with a byte order mark kept. */
  #name(): string {
    const start = this.#lexer.start;
    const bytes = this.#string();
    try {
      return UTF8.decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
    } catch {
      return this.#lexer.fail("malformed UTF-8 encoding", start);
    }
  }

  #atWord(word: string): boolean {
    return this.#lexer.kind === "atom" && this.#lexer.text === word;
  }

  #atom(expected: string): string {
    const lexer = this.#lexer;
    if (lexer.kind !== "atom") lexer.fail(`${expected} expected`);
    const text = lexer.text;
    this.#advance();
    return text;
  }

  #open(): void {
    if (this.#lexer.kind !== "(") this.#lexer.fail("( expected");
    this.#advance();
  }

  #openWord(word: string): void {
    this.#open();
    const found = this.#atom(word);
    if (found !== word) this.#lexer.fail(`${word} expected, found ${found}`);
  }

  #close(): void {
    if (this.#lexer.kind !== ")") this.#lexer.fail(") expected");
    this.#advance();
  }

  #closeText(start: number): string {
    this.#close();
    return this.#lexer.source.slice(start, this.#consumed);
  }

  #advance(): void {
    this.#consumed = this.#lexer.end;
    this.#lexer.next();
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type LaneType = "i8" | "i16" | "i32" | "i64" | "f32" | "f64";
interface LanePattern {
  readonly bits: bigint;
  readonly mask: bigint;
}

/** Numbers recur: the SIMD files alone hold some 400,000 lanes. */
const LANE_CACHE: Readonly<Record<LaneType, Map<string, LanePattern>>> = {
  i8: new Map(),
  i16: new Map(),
  i32: new Map(),
  i64: new Map(),
  f32: new Map(),
  f64: new Map(),
};

function lanePattern(type: LaneType, text: string): LanePattern {
  const float = FLOATS[type];
  if (float === undefined) {
    const bits = Number(type.slice(1));
    return { bits: parseInteger(text, bits), mask: (1n << BigInt(bits)) - 1n };
  }
  if (text === "nan:canonical") return { bits: float.canonicalNan, mask: float.ones >> 1n };
  // Arithmetic NaN: exponent all ones and the quiet bit set, the rest is free.
  if (text === "nan:arithmetic") return { bits: float.canonicalNan, mask: float.canonicalNan };
  return { bits: float.parse(text), mask: float.ones };
}

const FLOATS: Partial<Record<LaneType, { canonicalNan: bigint; ones: bigint; parse(text: string): bigint }>> = {
  f32: { canonicalNan: 0x7fc00000n, ones: 0xffffffffn, parse: parseF32 },
  f64: { canonicalNan: 0x7ff8000000000000n, ones: 0xffffffffffffffffn, parse: parseF64 },
};

const CONSTANTS: Readonly<Record<string, NumericType>> = {
  "i32.const": "i32",
  "i64.const": "i64",
  "f32.const": "f32",
  "f64.const": "f64",
  "v128.const": "v128",
};

const SHAPES: Readonly<Record<string, { lanes: number; type: LaneType }>> = {
  i8x16: { lanes: 16, type: "i8" },
  i16x8: { lanes: 8, type: "i16" },
  i32x4: { lanes: 4, type: "i32" },
  i64x2: { lanes: 2, type: "i64" },
  f32x4: { lanes: 4, type: "f32" },
  f64x2: { lanes: 2, type: "f64" },
};

const ONES: Readonly<Record<NumericType, bigint>> = {
  i32: (1n << 32n) - 1n,
  i64: (1n << 64n) - 1n,
  f32: (1n << 32n) - 1n,
  f64: (1n << 64n) - 1n,
  v128: (1n << 128n) - 1n,
};

/** References that a script can make. */
const REF_ARGUMENTS: Readonly<Record<string, "null" | "extern" | "host">> = {
  "ref.null": "null",
  "ref.extern": "extern",
  "ref.host": "host",
};

function hostValue(kind: "extern" | "host", host: number): RefValue {
  return { type: "ref", kind, host };
}

/** Kinds that the reference patterns accept. */
const REF_PATTERNS: Readonly<Record<string, readonly RefKind[]>> = {
  "ref.null": ["null"],
  "ref.func": ["func"],
  "ref.extern": ["extern"],
  "ref.host": ["host"],
  "ref.i31": ["i31"],
  "ref.struct": ["struct"],
  "ref.array": ["array"],
  "ref.exn": ["exn"],
  "ref.eq": ["i31", "struct", "array"],
  "ref.any": ["i31", "struct", "array", "host"],
  ref: ["func", "extern", "host", "i31", "struct", "array", "exn", "other"],
};
