// A parser that looks at the next token before it tries a rule: the function of parser.wat in the place of the
// artifact's own, and a table made from the artifact's grammar; and the lexer's calls of lexer.wat.

import { type DecodedModule, decodeModule, OP } from "../../decoder/index.js";
import { decodeBase64 } from "../guest/base64.js";
import { bodyShape, findByShape } from "./body-shape.js";
import { type Prediction, predict, type Rules, rulesFrom, SET_BYTES } from "./grammar.js";
import { instructionsOf, type ReadInstruction, sequenceIn } from "./instructions.js";
import { type Data, dataReader, firstDataAddress } from "./known-data.js";
import { LEXER_BASE64 } from "./lexer.generated.js";
import { bindLexer, LEXER_TABLES_END } from "./lexer.js";
import { PARSER_BASE64 } from "./parser.generated.js";
import { type Binding, replaceFunctions } from "./replace-functions.js";

/** Shapes of mp_parse(), which differ by the numbers of rules, and least and most bytes of its body. */
const PARSE = ["1599-8133ee7a735304f7", "1599-bbe80feedb0974ce"] as const;
/** parser_alloc() */
const PARSER_ALLOC = "152-279a5ad81b52f02c";
const PARSE_BYTES = [2000, 2100] as const;
/** Where the table lies: behind the index of strings (heap.ts), in what was the C stack's. */
const TABLE_AT = 0xa400;
const MAX_TABLE_BYTES = 0x1000;

/** The bytes of an artifact with the functions of parser.wat and lexer.wat; `bytes` themselves if its parser is none that is known. */
export function withPredictingParser(bytes: Uint8Array): Uint8Array {
  const { module } = decodeModule(bytes);
  const parser = bindParser(module);
  if (parser === undefined) return bytes;
  const lexer = bindLexer(module, parser.binding.functions["next_token"]!);
  // Edits have places in the module's own bytes.
  const lexing = lexer === undefined ? bytes : replaceFunctions(module, decodeBase64(LEXER_BASE64), lexer);
  return replaceFunctions(decodeModule(lexing).module, decodeBase64(PARSER_BASE64), parser.binding);
}

/** The artifact's parser, and what the part is bound to. */
export interface BoundParser {
  readonly rules: Rules;
  /** Rules of a whole program. */
  readonly roots: readonly number[];
  /** The token of names. */
  readonly name: number;
  readonly binding: Binding;
}

/** Undefined for a module without a parser that is known. */
export function bindParser(module: DecodedModule): BoundParser | undefined {
  const parse = PARSE.map((shape) => findByShape(module, shape, PARSE_BYTES)).find((one) => one !== undefined);
  if (parse === undefined || firstDataAddress(module) < LEXER_TABLES_END) return undefined;
  const { calls, addresses } = parse.found;
  const [, , acts, offsets, words] = addresses as [number, number, number, number, number];
  const code = instructionsOf(module, parse.funcidx);
  // … ? RULE_eval_input : RULE_single_input … RULE_file_input
  const inputs = sequenceIn(code, [OP["i32.const"], OP["i32.const"], OP["local.get"], OP["i32.const"], OP["i32.eq"]]);
  const file = sequenceIn(code, [OP.select, OP["i32.const"], OP["local.get"], OP.select]);
  // rule_id >= FIRST_RULE_WITH_OFFSET_ABOVE_255, of a word that has the rule in its highest byte
  const far = code.find(({ opcode, lo }) => opcode === OP["i32.const"] && lo > 1 << 24);
  const name = nameToken(code);
  if (inputs === undefined || file === undefined || far === undefined || name === undefined) return undefined;
  const firstFar = (far.lo + 1) >>> 24;
  const roots = [inputs[0]!.lo, inputs[1]!.lo, file[1]!.lo];
  const rules = grammarOf(module, { acts, offsets, words, firstFar }, roots);
  const prediction = rules && predict(rules, name);
  if (rules === undefined || prediction === undefined) return undefined;
  const { constants, data } = tableOf(prediction);
  // push_result_rule() makes room for a node.
  const parser_alloc = bodyShape(module, calls[16]!)?.calls[16] ?? 0;
  const allocates = bodyShape(module, parser_alloc);
  if (allocates?.shape !== PARSER_ALLOC) return undefined;
  const binding = {
    replaces: { push_rule: calls[4]!, parser_alloc },
    functions: {
      push_result_token: calls[6]!,
      push_result_rule: calls[16]!,
      next_token: calls[7]!,
      realloc: calls[5]!,
      realloc_in_place: allocates.calls[0]!,
    },
    constants: { ...constants, acts, offsets, arguments: words, far: firstFar, name },
    data,
  };
  return { rules, roots, name, binding };
}

interface Tables {
  readonly acts: number;
  readonly offsets: number;
  readonly words: number;
  readonly firstFar: number;
}

function grammarOf(module: DecodedModule, { acts, offsets, words, firstFar }: Tables, roots: readonly number[]) {
  const data = dataReader(module);
  return rulesFrom(
    roots,
    (number) => data.byte(acts + number),
    (number, at) => {
      const offset = data.byte(offsets + number) + (number >= firstFar ? 256 : 0);
      const address = words + 2 * (offset + at);
      return data.byte(address) | (data.byte(address + 1) << 8);
    },
  );
}

/** `if (tok_kind == MP_TOKEN_NAME)`, behind the mask of a token's number. */
function nameToken(code: readonly ReadInstruction[]): number | undefined {
  const found = sequenceIn(code, [OP["i32.const"], OP["i32.and"], OP["local.tee"], OP["i32.ne"]]);
  if (found === undefined || found[0]!.lo !== 0xfff) return undefined;
  const test = sequenceIn(code.slice(code.indexOf(found[3]!)), [OP["local.get"], OP["i32.const"], OP["i32.ne"]]);
  return test === undefined ? undefined : test[1]!.lo;
}

function tableOf({ first, spineOf, spine, begins, continues, atom }: Prediction): {
  readonly constants: Record<string, number>;
  readonly data: readonly Data[];
} {
  const parts = { begins, continues, first, spine_of: spineOf, spine };
  const constants: Record<string, number> = { atom, spine_length: spine.length };
  const bytes = new Uint8Array(MAX_TABLE_BYTES);
  let end = 0;
  for (const [name, part] of Object.entries(parts)) {
    constants[name] = TABLE_AT + end;
    bytes.set(part, end);
    end += Math.ceil(part.length / SET_BYTES) * SET_BYTES;
  }
  return { constants, data: [{ address: TABLE_AT, bytes: bytes.subarray(0, end) }] };
}
