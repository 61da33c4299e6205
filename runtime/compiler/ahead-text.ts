// WebAssembly to an ECMAScript module that needs no code to be made when it runs: what the compiler makes of each
// function, in one scope, with what enters it from the interpreter.
//
// With a profile, functions that it saw are compiled, and of those the blocks that it saw; what is missing the
// interpreter does. A function that is too large for V8 has what seldom ran apart (region.ts), and nothing left out: the
// least count that stays inside is doubled until it fits.
import { type DecodedModule, InstructionReader, OP, readNames } from "../../decoder/index.js";
import { lowerFunction } from "../lowering/lower.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { hashOf } from "../module-hash.js";
import { hex } from "../sha256.js";
import { adapterText, lettersOf } from "./adapters.js";
import { aheadFormat } from "./ahead-code.js";
import { writeSites } from "./ahead-sites.js";
import type { EmitOptions, EmittedFunction } from "./emitted-function.js";
import { FunctionEmitter } from "./function-emitter.js";
import { hostText } from "./host-text.js";
import type { BlockCounts } from "./profile.js";
import type { Heat } from "./region.js";
import { emitRuleOf } from "./rules.js";
import { openScope, SCOPE_FACE } from "./scope-text.js";
import { Unsupported } from "./unsupported.js";

/**
 * Characters of a function, but for indentation: at most 0.62 bytes of bytecode for each. V8 optimises none over 61,440
 * bytes, and takes long for large ones, in which programs that run once never see any optimised code.
 */
const MOST_SIZE = 70_000;
/** Where the search for what stays inside of a large function begins. */
const FIRST_INLINE = 2000;
/** Rounds of a loop for each entry of its function from which on it may be entered in the middle. */
const LOOP_ROUNDS = 30;
/** Spaces of indentation that are kept: all of them are a third of the file. */
const MOST_INDENT = 8;

export interface AheadText {
  readonly text: string;
  /** Functions that it has, and that were left out, by funcidx; with the reason, where the compiler has none. */
  readonly compiled: readonly { readonly funcidx: number; readonly name: string; readonly size: number }[];
  readonly leftOut: readonly { readonly funcidx: number; readonly name: string; readonly reason: string }[];
}

interface Compiled {
  readonly index: number;
  readonly name: string;
  readonly emitted: EmittedFunction;
  readonly loopOffset: number;
}

/**
 * Compiles a module ahead of time.
 * @param counts of a profile; without one everything is compiled
 * @param leastCalls how often a function must have been called there
 */
export function aheadText(context: ModuleContext, counts: BlockCounts | null, leastCalls = 1): AheadText {
  const { module } = context;
  const names = identifiers(module);
  const nameOf = (index: number) => names[index]!;
  const types = new Set<number>();
  const typeText = (typeId: number) => {
    const typeidx = module.types.indexOf(typeId);
    types.add(typeidx);
    return `TY${typeidx}`;
  };
  const compiled: Compiled[] = [];
  const leftOut: AheadText["leftOut"][number][] = [];
  for (let index = 0; index < module.bodies.length; index++) {
    const funcidx = module.importedFuncCount + index;
    const name = names[index]!;
    const calls = counts === null ? leastCalls : (counts.get(module.bodies.get(index)!.start) ?? 0);
    if (calls < leastCalls) {
      leftOut.push({ funcidx, name, reason: `called ${calls} times` });
      continue;
    }
    lowerFunction(context, index);
    try {
      const loopOffset = loopOf(module, index, counts);
      const options = { name, id: compiled.length, stress: false, nameOf, typeText };
      compiled.push({ index, name, ...emit(context, index, options, loopOffset, counts) });
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      leftOut.push({ funcidx, name, reason: error.message });
    }
  }
  return {
    text: moduleText(context, compiled, names, types),
    compiled: compiled.map(({ index, name, emitted: { size } }) => ({
      funcidx: module.importedFuncCount + index,
      name,
      size,
    })),
    leftOut,
  };
}

/** Names of JavaScript's for the defined functions, with their funcidx, so that no two are the same. */
function identifiers(module: DecodedModule): string[] {
  const { funcs } = readNames(module);
  return Array.from({ length: module.bodies.length }, (_, i) => {
    const funcidx = module.importedFuncCount + i;
    const name = funcs.get(funcidx);
    return name === undefined
      ? `func${funcidx}`
      : `${name.replace(/[^A-Za-z0-9]+/g, "_")}_${funcidx}`.replace(/^(?=\d)/, "_");
  });
}

/** Byte offset of the loop that is worth an entry of its own: −1 if none is. */
function loopOf(module: DecodedModule, index: number, counts: BlockCounts | null): number {
  const body = module.bodies.get(index)!;
  const reader = new InstructionReader(module.content.array, module.types).begin(body);
  let best = -1;
  let most = counts === null ? -1 : LOOP_ROUNDS * counts.get(body.start)!;
  while (reader.offset < body.end) {
    reader.next();
    if (reader.opcode !== OP.loop) continue;
    const rounds = counts?.get(reader.offset) ?? 0;
    if (rounds <= most) continue;
    best = reader.offset;
    most = rounds;
  }
  return best;
}

type Options = Omit<EmitOptions, "loopOffset">;
type Emitted = Pick<Compiled, "emitted" | "loopOffset">;

function emit(
  context: ModuleContext,
  index: number,
  options: Options,
  loopOffset: number,
  counts: BlockCounts | null,
): Emitted {
  if (counts === null) return emitWithLoop(context, index, options, loopOffset);
  const heat = (inline: number): Heat => ({ countOf: (o) => counts.get(o) ?? 0, inline, prune: inline === 0 });
  for (let inline = 0; ; inline = inline === 0 ? FIRST_INLINE : 2 * inline) {
    try {
      const made = emitWithLoop(context, index, { ...options, heat: heat(inline) }, loopOffset);
      if (made.emitted.size <= MOST_SIZE) return made;
    } catch (error) {
      if (!(error instanceof Unsupported) || error.reason !== "size") throw error;
    }
    if (inline > Number.MAX_SAFE_INTEGER) throw new Unsupported("size");
  }
}

function emitWithLoop(context: ModuleContext, index: number, options: Options, loopOffset: number): Emitted {
  const compile = (offset: number) => {
    const all = { ...options, loopOffset: offset, bothWays: offset >= 0 };
    return { emitted: new FunctionEmitter(context, index, all, emitRuleOf).run(), loopOffset: offset };
  };
  try {
    return compile(loopOffset);
  } catch (error) {
    if (!(error instanceof Unsupported) || error.reason !== "loop not reached") throw error;
    return compile(-1);
  }
}

function moduleText(
  context: ModuleContext,
  compiled: readonly Compiled[],
  names: readonly string[],
  types: ReadonlySet<number>,
): string {
  const { module, schedule } = context;
  const here = new Set(compiled.map(({ index }) => index));
  const callees = new Set(compiled.flatMap(({ emitted }) => [...emitted.callees]));
  const absent = [...callees].filter((index) => !here.has(index)).sort((a, b) => a - b);
  const imported = new Set(compiled.flatMap(({ emitted }) => [...emitted.hosts]));
  const hosts = [...imported].map((index) => {
    const { params, results } = module.registry.funcType(module.funcs[index]!);
    return hostText(index, params, results, false);
  });
  const adapters = new Map<string, string>();
  const adapterOf = (index: number, entry: "arguments" | "loop") => {
    const { params, results } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
    const key = `${entry === "loop" ? "loop" : "call"}_${lettersOf(params)}_${lettersOf(results)}`;
    if (!adapters.has(key)) adapters.set(key, `var ${key} = ${adapterText(params, results, entry)};`);
    return key;
  };
  const entries = compiled.map(({ index, name, loopOffset }) => {
    const loop = loopOffset < 0 ? "null" : adapterOf(index, "loop");
    return `[${name}, ${adapterOf(index, "arguments")}, ${loop}]`;
  });
  const wordsOf = (index: number) => context.code.code[context.code.fast.get(index)!.start]!;
  const about = { format: aheadFormat(), module: hex(hashOf(module)), schedule: schedule.name };
  const rows = compiled.map(({ index, emitted: { func, loopMost }, loopOffset }) =>
    JSON.stringify([index, wordsOf(index), func.most, loopOffset, loopMost, writeSites(func)]).slice(1, -1),
  );
  return `// Compiled ahead of time from WebAssembly by Escapement, for its runtime alone: escapement compile.
export const about = ${JSON.stringify(about)};

export function make(S) {
${openScope(0)}

// Types that calls ask for.
${[...types].map((typeidx) => `var TY${typeidx} = S.types[${typeidx}];`).join("\n")}
// Functions that are not here: the interpreter calls them.
${absent.map((index) => `var ${names[index]} = ABSENT(${index});`).join("\n")}
// Functions of the host's.
${hosts.join("\n")}

${compiled.map(({ emitted }) => outdented([...emitted.regions, emitted.source].join("\n"))).join("\n\n")}

${compiled.map(({ index, name }) => `FS[${index}] = ${name};`).join("\n")}

// Between registers and functions.
${[...adapters.values()].join("\n")}
return {
entries: [
${entries.join(",\n")}
],
${SCOPE_FACE}
};
}

// Index, words of the frame, fuel to the first check, loop and fuel from there, where and how each function can be left.
export const functions = [
${rows.join(",\n")}
];
`;
}

function outdented(text: string): string {
  return text.replace(/^ +/gm, (spaces) => spaces.slice(0, Math.min(spaces.length >> 1, MOST_INDENT)));
}
