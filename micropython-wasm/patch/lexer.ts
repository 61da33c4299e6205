// A lexer that looks for keywords and operators where they are: lexer.wat says where to begin.

import { type DecodedModule, OP } from "../../decoder/index.js";
import { instructionsOf, sequenceIn } from "./instructions.js";
import { dataReader } from "./known-data.js";
import type { Binding } from "./replace-functions.js";

/** Where the tables lie: behind that of the parser (parser.ts). */
const LEXER_TABLES_AT = 0xb400;
const CHARACTERS = 128;
export const LEXER_TABLES_END = LEXER_TABLES_AT + 3 * CHARACTERS;
const MAX_KEYWORDS = 64;
/** In the text of operators: behind these characters comes one of a longer operator. */
const LONGER = ["c", "e"].map((character) => character.charCodeAt(0));

/**
 * @param funcidx of mp_lexer_to_next()
 * @returns undefined if it does not look as those that are known
 */
export function bindLexer(module: DecodedModule, funcidx: number): Binding | undefined {
  const code = instructionsOf(module, funcidx);
  // name = vstr_null_terminated_str(…); for (i = 0; …) strcmp(name, tok_kw[i])
  const compare = sequenceIn(code, [
    ...[
      OP.call,
      OP["local.set"],
      OP["i32.const"],
      OP["local.set"],
      OP.loop,
      OP.block,
      OP["local.get"],
      OP["local.get"],
    ],
    ...[OP["i32.const"], OP["i32.shl"], OP["i32.load"], OP.call],
  ]);
  // t = tok_enc; index = 0; for (c = *t; chr0 != c; …)
  const walk = sequenceIn(code, [
    ...[OP["i32.const"], OP["local.set"], OP["i32.const"], OP["local.set"], OP["i32.const"], OP["local.set"]],
    ...[OP.block, OP.loop, OP["local.get"]],
  ]);
  if (compare === undefined || walk === undefined) return undefined;
  const behind = code.slice(code.indexOf(compare.at(-1)!));
  const last = sequenceIn(behind, [OP["local.get"], OP["i32.const"], OP["i32.lt_u"]])?.[1]?.lo;
  if (last === undefined || last >= MAX_KEYWORDS || compare[2]!.lo !== 0 || walk[2]!.lo !== 0) return undefined;

  const data = dataReader(module);
  const word = (address: number) => [0, 1, 2, 3].reduce((sum, i) => sum + data.byte(address + i) * 256 ** i, 0);
  const initials = Array.from({ length: last + 1 }, (_, i) => data.byte(word(compare[10]!.lo + 4 * i)));
  if (initials.some((initial, i) => initial === 0 || initial < (initials[i - 1] ?? 0))) return undefined;
  const operators = walk[0]!.lo;
  if (data.byte(operators) !== walk[4]!.lo) return undefined;
  const bytes = new Uint8Array(3 * CHARACTERS);
  for (let c = 0; c < CHARACTERS; c++) {
    const first = initials.findIndex((initial) => initial >= c);
    bytes[c] = first < 0 ? last : first;
  }
  for (let place = 0, number = 0; data.byte(operators + place) !== 0; place++, number++) {
    const character = data.byte(operators + place);
    if (place > 255 || number > 255 || character >= CHARACTERS) return undefined;
    if (!LONGER.includes(character)) {
      bytes[CHARACTERS + character] ||= place;
      bytes[2 * CHARACTERS + character] ||= number;
    } else place++;
  }
  const edit = (at: { readonly start: number; readonly end: number }, local: number, name: string) => {
    return { start: at.start, end: at.end, local, name };
  };
  const name = compare[1]!.index;
  const character = walk[8]!.index;
  const edits = [
    edit(compare[2]!, name, "first_keyword"),
    edit(walk[0]!, character, "operator_place"),
    edit(walk[2]!, character, "operator_number"),
    edit(walk[4]!, character, "operator_character"),
  ];
  return {
    replaces: {},
    functions: {},
    constants: {
      keywords: LEXER_TABLES_AT,
      places: LEXER_TABLES_AT + CHARACTERS,
      numbers: LEXER_TABLES_AT + 2 * CHARACTERS,
      operators,
      last_keyword: last,
    },
    data: [{ address: LEXER_TABLES_AT, bytes }],
    edits: { [funcidx]: edits.sort((a, b) => a.start - b.start) },
  };
}
