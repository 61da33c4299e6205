// The parser that looks at the next token (parser.wat) makes the trees that MicroPython's own makes, and finds the same
// errors: on sentences of the artifact's grammar and on such with a token changed, against py/parse.c in TypeScript
// (parser-reference.ts). The part runs alone here; what it calls of the artifact are functions of this file.

import { describe, expect, test } from "vitest";
import { decodeModule, parseModule } from "../../../decoder/index.js";
import { Engine, Execution, Global, Linker, Memory, Store } from "../../../runtime/index.js";
import { forms } from "../../../test/support/form.js";
import { ARTIFACT_BUILDS } from "../../emscripten/artifact-build.js";
import { loadArtifact, loadPublished } from "../../emscripten/artifact-node.js";
import { decodeBase64 } from "../../guest/base64.js";
import { Sandbox } from "../../session/sandbox.js";
import type { Rules } from "../grammar.js";
import { segmentsOf } from "../known-data.js";
import { PARSER_BASE64 } from "../parser.generated.js";
import { bindParser, withPredictingParser } from "../parser.js";
import { parse, type Token } from "./parser-reference.js";

const [SENTENCES] = forms([300], [20_000]);
const FUEL = 50_000_000;

/** Trees by their texts, so that equal ones are one number. */
class Nodes {
  private readonly numbers = new Map<string, number>();

  of(text: string): number {
    const number = this.numbers.get(text) ?? this.numbers.size + 1;
    this.numbers.set(text, number);
    return number;
  }
}

/** xorshift32 */
class Random {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }
}

/** Tokens that a rule derives. */
function sentence(rules: Rules, rule: number, depth: number, random: Random, out: number[]): void {
  const { act, args } = rules[rule]!;
  const derive = (arg: number): void => {
    if ((arg & 0xf000) === 0x1000) out.push(arg & 0xfff);
    else if (out.length < 150) sentence(rules, arg & 255, depth + 1, random, out);
  };
  if ((act & 48) === 16) {
    const tokens = args.filter((arg) => (arg & 0xf000) === 0x1000);
    const choice = depth > 45 && tokens.length > 0 ? tokens : args;
    derive(choice[random.below(choice.length)]!);
  } else if ((act & 48) === 32) {
    for (const arg of args) if ((arg & 0xf000) !== 0x3000 || random.below(depth > 30 ? 5 : 2) === 0) derive(arg);
  } else {
    derive(args[0]!);
    while (random.below(3) === 0) for (const arg of args) derive(arg);
    if ((act & 15) === 3 && random.below(4) === 0) derive(args[1]!);
  }
}

const PARSER = 4096;
/** The parser's stack of results. */
const RESULTS = PARSER + 12;
const LEXER = 4160;
/** Where stacks are put, and put again when they grow. */
const HEAP = 1 << 19;

describe.each(ARTIFACT_BUILDS)("the build %s", async (build) => {
  const { module } = decodeModule(await loadPublished(build));
  const { rules, roots, name, binding } = bindParser(module)!;

  const engine = new Engine();
  const store = new Store(engine);
  const memory = Memory.create(store, { min: 64 });
  for (const { start, end, address } of segmentsOf(module)) memory.write(address, module.bytes.subarray(start, end));
  for (const { address, bytes } of binding.data!) memory.write(address, bytes);
  const word = (address: number) => memory.i32[address >> 2]!;
  const setWord = (address: number, value: number) => {
    memory.i32[address >> 2] = value;
  };
  /** Of the parse that is under way. */
  let tokens: readonly Token[] = [];
  let nodes = new Nodes();
  let position = 0;
  let heap = 0;
  const allocate = (bytes: number) => {
    heap += bytes;
    return heap - bytes;
  };
  const realloc = (old: number, bytes: number): number => {
    const moved = allocate(bytes);
    memory.u8.copyWithin(moved, old, old + bytes);
    // What lies there now belongs to nobody.
    memory.u8.fill(0xee, old, old + 8);
    return moved;
  };
  const showToken = () => {
    const token = tokens[Math.min(position, tokens.length - 1)]!;
    setWord(LEXER + 52, token.line);
    setWord(LEXER + 60, token.kind);
  };
  /** Puts words on the stack whose room, length and address are at an address. */
  const push = (stack: number, ...words: number[]) => {
    const [room, count] = [word(stack), word(stack + 4)];
    if (count >= room) {
      setWord(stack + 8, realloc(word(stack + 8), 4 * words.length * (room + 16)));
      setWord(stack, room + 16);
    }
    for (const [i, value] of words.entries()) setWord(word(stack + 8) + 4 * (words.length * count + i), value);
    setWord(stack + 4, count + 1);
  };
  const linker = new Linker(engine);
  const define = (from: string, called: string, count: number, body: (...args: number[]) => number | undefined) => {
    const type = { params: Array(count).fill("i32"), results: called.includes("alloc") ? ["i32"] : [] } as const;
    linker.defineFunc(from, called, type as never, (_caller, ...args) => body(...(args as number[])));
  };
  define("original", "push_rule", 4, (parser, line, rule, at) => {
    push(parser!, (rule! << 24) | line!, at!);
    return undefined;
  });
  // Nodes are this file's.
  for (const [from, called, count] of [
    ["original", "parser_alloc", 2],
    ["artifact", "realloc_in_place", 3],
  ] as const)
    define(from, called, count, () => 0);
  define("artifact", "push_result_token", 2, (_parser, rule) => {
    push(RESULTS, nodes.of(`token ${rule} ${position}`));
    return undefined;
  });
  define("artifact", "push_result_rule", 4, (_parser, line, rule, count) => {
    const left = word(RESULTS + 4) - count!;
    const parts = Array.from({ length: count! }, (_, i) => word(word(RESULTS + 8) + 4 * (left + i)));
    setWord(RESULTS + 4, left);
    push(RESULTS, nodes.of(`rule ${line} ${rule}: ${parts}`));
    return undefined;
  });
  define("artifact", "next_token", 1, () => {
    position++;
    showToken();
    return undefined;
  });
  define("artifact", "realloc", 2, (old, bytes) => realloc(old!, bytes!));
  linker.define("artifact", "memory", memory);
  for (const [called, value] of Object.entries(binding.constants))
    linker.define("artifact", called, Global.create(store, { type: "i32" }, value));
  const instance = linker.instantiate(store, engine.compile(decodeBase64(PARSER_BASE64)));

  /** The part's parse: how many tokens were taken and the tree, or undefined. */
  function predicting(given: readonly Token[], top: number, known: Nodes): [number, number] | undefined {
    [tokens, nodes, position, heap] = [given, known, 0, HEAP];
    const parser = [20, 0, allocate(8 * 20), 4, 0, allocate(4 * 4), LEXER];
    for (const [i, value] of parser.entries()) setWord(PARSER + 4 * i, value);
    showToken();
    const call = new Execution(store).start(instance.getFunc("push_rule"), [PARSER, tokens[0]!.line, top, 0]);
    expect(call.run(FUEL).status).toBe("done");
    expect(word(PARSER + 4)).toBe(0);
    // What mp_parse() does then.
    return word(LEXER + 60) !== 0 || word(RESULTS + 4) === 0 ? undefined : [position, word(word(RESULTS + 8))];
  }

  function reference(tokens: readonly Token[], top: number, nodes: Nodes): [number, number] | undefined {
    const stack: number[] = [];
    const count = parse(rules, name, top, tokens, {
      token: (rule, token) => void stack.push(nodes.of(`token ${rule} ${tokens.indexOf(token)}`)),
      rule: (line, rule, n) => {
        const parts = stack.splice(stack.length - n);
        stack.push(nodes.of(`rule ${line} ${rule}: ${parts}`));
      },
      nothing: () => void stack.push(0),
      isSomething: (below) => stack.at(-1 - below) !== 0,
      keepOne: (n) => void stack.push(stack.splice(stack.length - n).find((node) => node !== 0)!),
    });
    const end = count === undefined ? undefined : tokens[Math.min(count, tokens.length - 1)]!;
    return end?.kind !== 0 || stack.length === 0 ? undefined : [count!, stack[0]!];
  }

  test("makes the same trees of sentences, right and wrong ones", () => {
    const random = new Random(20_260_801 + build.length);
    let right = 0;
    for (let i = 0; i < SENTENCES!; i++) {
      const top = roots[i % roots.length]!;
      const kinds: number[] = [];
      sentence(rules, top, 0, random, kinds);
      if (i % 2 === 1) {
        const at = random.below(kinds.length + 1);
        const other = kinds[random.below(kinds.length)] ?? name;
        kinds.splice(at, random.below(2), ...(random.below(3) === 0 ? [] : [other]));
      }
      // Line numbers go up now and then, and have more bits than an entry has room for.
      const tokens = [...kinds, 0].map((kind, at) => ({ kind, line: 1 + at + (i % 7 === 0 ? 1 << 23 : 0) }));
      const nodes = new Nodes();
      const expected = reference(tokens, top, nodes);
      expect(predicting(tokens, top, nodes), kinds.join()).toEqual(expected);
      if (expected !== undefined) right++;
    }
    expect(right).toBeGreaterThan(SENTENCES! / 4);
    expect(right).toBeLessThan(SENTENCES!);
  });

  test("is one whose parser is replaced, once, and which is valid", async () => {
    const artifact = await loadArtifact(build);
    parseModule(artifact);
    expect(withPredictingParser(artifact)).toBe(artifact);
  });
});

test.each([
  ["x = (1 +\n", "SyntaxError"],
  ["def f(:\n    pass\n", "SyntaxError"],
  ["  x = 1\n", "IndentationError"],
  ["a b\n", "SyntaxError"],
  ["f(a for a in b, c\n", "SyntaxError"],
])("an error is found where it was: %j", async (source, type) => {
  const sandbox = await Sandbox.create({ compat: false });
  expect((await sandbox.run(source)).error).toMatchObject({ type });
  sandbox.close();
});

test("an expression costs what it has: eighteen rules are not tried for each name", async () => {
  const sandbox = await Sandbox.create({ fuel: 1_000_000_000, compat: false });
  const cost = async (count: number) => (await sandbox.run(`[${"x,".repeat(count)}] if 0 else 0`)).fuel.used;
  // 14,700 with the artifact's own parser.
  expect(((await cost(1100)) - (await cost(100))) / 1000).toBeLessThan(5000);
  sandbox.close();
});
