// JSON as a Python program writes and reads it: integers of any size stay exact, and floats
// stay floats.

import { isWellFormed } from "../../decoder/index.js";
import { MAX_VALUE_DEPTH, type PythonValue } from "./python-value.js";

/** Text that is not JSON, or a value that JSON cannot hold; the message starts with a Python class. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** Longer integers are refused: to read one takes time that grows with the square of its length. */
const MAX_DIGITS = 20_000;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const WORDS: readonly (readonly [string, PythonValue])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

/**
 * Reads one JSON text. Objects become objects without prototype, integers numbers or, beyond
 * 2^53, bigints.
 * @throws JsonError
 */
export function parseJson(text: string): PythonValue {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  private position = 0;

  constructor(private readonly text: string) {}

  private fail(): never {
    throw new JsonError(`JSONDecodeError: not JSON at character ${this.position}`);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match !== null) this.position += match[0].length;
    return match;
  }

  private skip(character: string): boolean {
    this.match(SPACE);
    if (this.text[this.position] !== character) return false;
    this.position++;
    return true;
  }

  end(): void {
    this.match(SPACE);
    if (this.position < this.text.length) this.fail();
  }

  value(depth: number): PythonValue {
    if (depth > MAX_VALUE_DEPTH) throw new JsonError("ValueError: value nested too deeply");
    if (this.skip("[")) return this.list(depth);
    if (this.skip("{")) return this.object(depth);
    if (this.text[this.position] === '"') return this.string();
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.position)) continue;
      this.position += word.length;
      return value;
    }
    const number = this.match(NUMBER) ?? this.fail();
    if (number[1] !== undefined || number[2] !== undefined) return Number(number[0]);
    if (number[0].length > MAX_DIGITS) throw new JsonError("ValueError: integer too large");
    const narrow = Number(number[0]);
    return Number.isSafeInteger(narrow) ? narrow + 0 : BigInt(number[0]);
  }

  private string(): string {
    const start = this.position;
    if (this.text[start] !== '"') this.fail();
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    let value: unknown;
    try {
      value = JSON.parse(this.text.slice(start, end + 1));
    } catch {
      this.fail();
    }
    this.position = end + 1;
    return wellFormed(value as string);
  }

  private list(depth: number): PythonValue {
    const items: PythonValue[] = [];
    if (this.skip("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.skip(","));
    if (!this.skip("]")) this.fail();
    return items;
  }

  private object(depth: number): PythonValue {
    const object = Object.create(null) as { [key: string]: PythonValue };
    if (this.skip("}")) return object;
    do {
      this.match(SPACE);
      const key = this.string();
      if (!this.skip(":")) this.fail();
      object[key] = this.value(depth + 1);
    } while (this.skip(","));
    if (!this.skip("}")) this.fail();
    return object;
  }
}

/**
 * Writes what a host function returned: undefined and null, booleans, numbers (whole ones in
 * the safe range as integers), bigints, strings, arrays, Maps with string keys, and objects of
 * no class, by their own enumerable data properties. Getters and toJSON are never run.
 * @throws JsonError for everything else
 */
export function writeJson(value: unknown, depth = 0): string {
  if (depth > MAX_VALUE_DEPTH) throw new JsonError("ValueError: value nested too deeply");
  switch (typeof value) {
    case "undefined":
      return "null";
    case "boolean":
      return String(value);
    case "bigint":
      return value.toString();
    case "number":
      return writeNumber(value);
    case "string":
      return JSON.stringify(wellFormed(value));
    case "object":
      return writeObject(value, depth + 1);
    default:
      throw notSerializable();
  }
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new JsonError("ValueError: Out of range float values are not JSON compliant");
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

function writeObject(value: object | null, depth: number): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const items: string[] = [];
    for (let i = 0; i < value.length; i++) items.push(writeJson(ownData(value, String(i)), depth));
    return `[${items.join(",")}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  let members: [unknown, unknown][];
  if (value instanceof Map) members = [...value];
  else if (prototype === null || prototype === Object.prototype)
    members = Object.keys(value).map((key) => [key, ownData(value, key)]);
  else throw notSerializable();
  const written = members.map(([key, member]) => {
    if (typeof key !== "string") throw notSerializable();
    return `${JSON.stringify(wellFormed(key))}:${writeJson(member, depth)}`;
  });
  return `{${written.join(",")}}`;
}

function wellFormed(text: string): string {
  if (!isWellFormed(text)) throw new JsonError("ValueError: text with a lone surrogate");
  return text;
}

function notSerializable(): JsonError {
  return new JsonError("TypeError: host result is not JSON serializable");
}

function ownData(value: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  if (descriptor !== undefined && !("value" in descriptor)) throw notSerializable();
  return descriptor?.value;
}
