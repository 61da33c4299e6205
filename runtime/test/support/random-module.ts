// Random valid modules with code of random-code.ts. The same seed and options give the same bytes.
// Every function is exported through a wrapper that refills the budget first, so that no call runs
// for long; see planCalls in differential.ts for arguments.

import { EXNREF, EXTERNREF, F32, F64, FUNCREF, I32, I64, V128, type ValType } from "../../../decoder/types.js";
import { type Bytes, flatten, leb, moduleBytes, name, section, sleb, vec } from "./module-bytes.js";
import { Random } from "./random.js";
import { type CodeContext, RandomCode, type Signature, typeCode } from "./random-code.js";

export interface RandomModuleOptions {
  /** Instructions per function, about; 60 by default. */
  readonly size?: number;
  /** Loops and calls that one exported call may make before it traps; 100 by default. */
  readonly budget?: number;
  /** Instructions that make a NaN's bits visible: reinterpretations, stores, copysign. Not for V8. */
  readonly seesNaNs?: boolean;
  /** What Node 20 has as well. */
  readonly legacyExceptions?: boolean;
  readonly threads?: boolean;
  readonly simd?: boolean | "relaxed";
  /** What Node 20 lacks. */
  readonly exceptions?: boolean;
  readonly multiMemory?: boolean;
  readonly memory64?: boolean;
  readonly typedReferences?: boolean;
  readonly wideArithmetic?: boolean;
}

/** Everything that decoder and reference stepper know and V8 in Node 20 does not. */
export const ALL_FEATURES: RandomModuleOptions = {
  seesNaNs: true,
  legacyExceptions: true,
  threads: true,
  exceptions: true,
  multiMemory: true,
  memory64: true,
  typedReferences: true,
  wideArithmetic: true,
};

export function randomModule(seed: number, options: RandomModuleOptions = {}): Uint8Array {
  const random = new Random(seed * 7919 + 17);
  const types: Signature[] = [];
  const numbers = [I32, I64, F32, F64, ...(options.simd ? [V128, V128] : [])];
  const pickTypes = (max: number): ValType[] =>
    Array.from({ length: random.below(max + 1) }, () =>
      random.below(12) === 0 ? random.pick([FUNCREF, EXTERNREF]) : random.pick(numbers),
    );
  for (let i = 3 + random.below(6); i > 0; i--) types.push({ params: pickTypes(4), results: pickTypes(3) });
  // Types of the imported functions, of the wrappers' budget, and of tags.
  types.push({ params: [I32], results: [] }, { params: [I64, F64], results: [I32] });
  const tagTypes = [types.length, types.length + 1];
  types.push({ params: [], results: [] }, { params: [random.pick(numbers)], results: [] });

  const imported = [types.length - 4, types.length - 3];
  const defined = Array.from({ length: 3 + random.below(5) }, () => random.below(types.length - 4));
  const memories = [options.memory64 === true && random.below(2) === 0];
  if (options.multiMemory) memories.push(options.memory64 === true && random.below(2) === 0);
  const globals: ValType[] = [I32, ...[...numbers, FUNCREF, EXTERNREF].filter(() => random.below(3) > 0)];
  const tables = 1 + random.below(2);
  const hasTags = options.exceptions === true || options.legacyExceptions === true;
  const context: CodeContext = {
    types,
    funcs: [...imported, ...defined],
    importedFuncs: imported.length,
    globals,
    memories,
    tables,
    datas: 2,
    elems: 1,
    tags: hasTags ? tagTypes : [],
    budgetGlobal: 0,
    seesNaNs: options.seesNaNs ?? false,
    tailCalls: true,
    typedReferences: options.typedReferences ?? false,
    wideArithmetic: options.wideArithmetic ?? false,
    exceptions: options.exceptions ?? false,
    legacyExceptions: options.legacyExceptions ?? false,
    threads: options.threads ?? false,
    simd: options.simd ?? false,
  };

  const bodies = defined.map((typeidx) => {
    const signature = types[typeidx]!;
    // Now and then more than fit the narrow forms of an instruction.
    const count = random.below(10) === 0 ? 300 : random.below(10);
    const declared = Array.from({ length: count }, () =>
      random.below(10) === 0
        ? random.pick(options.exceptions ? [FUNCREF, EXTERNREF, EXNREF] : [FUNCREF, EXTERNREF])
        : random.pick(numbers),
    );
    const code = new RandomCode(random, context, [...signature.params, ...declared], signature);
    return body(declared, code.generate(random.below(2 * (options.size ?? 60))));
  });
  const wrappers = defined.map((typeidx, i) =>
    body(
      [],
      [
        [0x41, sleb(options.budget ?? 100), 0x24, leb(context.budgetGlobal)],
        types[typeidx]!.params.map((_, local) => [0x20, leb(local)]),
        [0x10, leb(imported.length + i), 0x0b],
      ],
    ),
  );

  const funcCount = imported.length + defined.length;
  const elements = Array.from({ length: 8 }, () => leb(random.below(funcCount)));
  const codes = (list: readonly ValType[]) => vec(list.map(typeCode));
  const constant: Readonly<Record<number, Bytes>> = {
    [I32]: [0x41, sleb(BigInt.asIntN(32, random.bits(32)))],
    [I64]: [0x42, sleb(BigInt.asIntN(64, random.bits(64)))],
    [F32]: [0x43, random.bytes(3), 0x40],
    [F64]: [0x44, random.bytes(7), 0x40],
    [V128]: [0xfd, 12, random.bytes(options.simd ? 16 : 0)],
    [FUNCREF]: [0xd2, leb(random.below(funcCount))],
    [EXTERNREF]: [0xd0, 0x6f],
  };
  return moduleBytes(
    section(1, vec(types.map(({ params, results }) => [0x60, codes(params), codes(results)]))),
    section(2, vec(imported.map((typeidx, i) => [name("host"), name(`log_${i}`), 0, leb(typeidx)]))),
    section(3, vec([...defined, ...defined].map((typeidx) => leb(typeidx)))),
    section(4, vec(Array.from({ length: tables }, () => [0x70, 1, 10, 16]))),
    section(5, vec(memories.map((is64, i) => [(is64 ? 5 : 1) | (options.threads && i === 0 ? 2 : 0), 1, 3]))),
    hasTags ? section(13, vec(tagTypes.map((typeidx) => [0, leb(typeidx)]))) : [],
    section(6, vec(globals.map((type) => [typeCode(type), 1, constant[type]!, 0x0b]))),
    section(7, vec(defined.map((_, i) => [name(`f${i}`), 0, leb(funcCount + i)]))),
    section(
      9,
      vec([
        [1, 0, vec(elements.slice(0, 3))],
        [0, 0x41, 0, 0x0b, vec(elements)],
        // Declared for ref.func: every function.
        [3, 0, vec(Array.from({ length: funcCount }, (_, i) => leb(i)))],
      ]),
    ),
    section(12, leb(2)),
    section(10, vec([...bodies, ...wrappers])),
    section(
      11,
      vec([
        [1, vec([...random.bytes(16)])],
        [0, memories[0] ? 0x42 : 0x41, 32, 0x0b, vec([...random.bytes(40)])],
      ]),
    ),
  );
}

function body(locals: readonly ValType[], code: Bytes): Bytes {
  const bytes = flatten([vec(locals.map((type) => [1, typeCode(type)])), code]);
  return [leb(bytes.length), bytes];
}
