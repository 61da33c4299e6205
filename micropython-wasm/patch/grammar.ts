// The grammar of an artifact's parser, read from its tables, and what parser.wat is told of it.
//
//   test        or    lambdef | test_if_expr
//   test_if_…   and   or_test [test_if_else]        its one result where the second part is left out
//   or_test     list  and_test ("or" and_test)*     …
//   atom        or    NAME | INTEGER | … | atom_paren | …
// From `test` the token NAME leads to `atom` by one way only: the spine of `test` is test_if_expr, or_test, …

/** Kinds of rules, in their byte of the table. */
const KIND = 48;
const OR = 16;
const AND = 32;
const COUNT = 15;
/** Is its one result, where it has no more. */
const IS_ITS_RESULT = 64;
/** Kinds of arguments. */
const ARGUMENT_KIND = 0xf000;
const TOKEN = 0x1000;
const OPTIONAL = 0x3000;
const TOKEN_NUMBER = 0xfff;
const RULE_NUMBER = 0xff;

/** Bytes for a set of tokens. */
export const SET_BYTES = 16;
const TOKENS = 8 * SET_BYTES;
/** What a rule without a spine has. */
const NO_SPINE = 255;
/** Room for more of the spine is made at once. */
const MAX_SPINE = 14;

export interface Rule {
  readonly act: number;
  readonly args: readonly number[];
}

/** Rules by their numbers; undefined for numbers that no rule has. */
export type Rules = readonly (Rule | undefined)[];

/** What rules a token may begin, and the shortest way to what it is. */
export interface Prediction {
  /** {@link SET_BYTES} for each rule: tokens that it may begin with. All of them, where that is not known. */
  readonly first: Uint8Array;
  /** For each rule the place in the spine, {@link NO_SPINE} if it is not on it. */
  readonly spineOf: Uint8Array;
  readonly spine: Uint8Array;
  /** Tokens that begin an atom. */
  readonly begins: Uint8Array;
  /** For each token the place in the spine of the rule that it continues behind its first item, 255 if there is none. */
  readonly continues: Uint8Array;
  /** The rule at the end of the spine. */
  readonly atom: number;
}

/**
 * @param name the token of names
 * @returns undefined if this is no grammar of Python's as it is known
 */
export function predict(rules: Rules, name: number): Prediction | undefined {
  const atoms = numbersOf(rules, ({ act, args }) => (act & KIND) === OR && args.includes(TOKEN | name));
  const [atom] = atoms;
  if (atom === undefined || atoms.length > 1) return undefined;
  const tokens = rules.flatMap((rule) => rule?.args ?? []).filter((arg) => (arg & ARGUMENT_KIND) === TOKEN);
  if (tokens.some((arg) => (arg & TOKEN_NUMBER) >= TOKENS)) return undefined;
  const firsts = new Firsts(rules);
  const begins = firsts.of(atom);
  if (begins === undefined) return undefined;
  const onto = [...begins][0]!;

  /** The rule that an atom's first token leads to, which is the last item of this one's or its first. */
  const next = (number: number): number | undefined => {
    const { act, args } = rules[number]!;
    if ((act & KIND) !== OR) return (args[0]! & ARGUMENT_KIND) === TOKEN ? undefined : args[0]! & RULE_NUMBER;
    const open = args.filter((arg) => (arg & ARGUMENT_KIND) !== TOKEN && firsts.of(arg & RULE_NUMBER)?.has(onto));
    return open.length === 1 ? open[0]! & RULE_NUMBER : undefined;
  };
  /** Arguments that may follow its first item, if all of them may be left out and leave that; or of any rule that chooses. */
  const rest = (number: number): readonly number[] | undefined => {
    const { act, args } = rules[number]!;
    if ((act & KIND) === OR) return [];
    if ((act & KIND) !== AND) return (act & COUNT) === 1 ? [args[1]!] : undefined;
    const isItem = (act & IS_ITS_RESULT) !== 0 && args.slice(1).every((arg) => (arg & ARGUMENT_KIND) === OPTIONAL);
    return isItem ? args.slice(1) : undefined;
  };

  const way = (number: number): number[] | undefined => {
    const rules_: number[] = [];
    for (let at: number | undefined = number; at !== atom; at = next(at)) {
      if (at === undefined || rest(at) === undefined || rules_.includes(at)) return undefined;
      rules_.push(at);
    }
    return rules_;
  };
  // Most rules that have an expression in them name `test`.
  const uses = new Map<number, number>();
  for (const arg of rules.flatMap((rule) => rule?.args ?? []))
    if ((arg & ARGUMENT_KIND) !== TOKEN) uses.set(arg & RULE_NUMBER, (uses.get(arg & RULE_NUMBER) ?? 0) + 1);
  const [test] = [...uses.keys()]
    .filter((number) => (rules[number]!.act & KIND) === OR && (way(number)?.length ?? 0) > 1)
    .sort((a, b) => uses.get(b)! - uses.get(a)!);
  const main = test === undefined ? undefined : way(test);
  if (main === undefined) return undefined;

  const spine: number[] = [];
  const spineOf = new Uint8Array(rules.length).fill(NO_SPINE);
  const continues = new Uint8Array(TOKENS).fill(NO_SPINE);
  for (const number of main) {
    spineOf[number] = spine.length;
    const place = spine.length;
    if ((rules[number]!.act & KIND) !== OR) spine.push(number);
    for (const arg of rest(number)!) {
      const tokens = (arg & ARGUMENT_KIND) === TOKEN ? [arg & TOKEN_NUMBER] : firsts.of(arg & RULE_NUMBER);
      if (tokens === undefined) return undefined;
      for (const token of tokens) {
        // Which of two rules goes on would be told by their order.
        if (continues[token] !== NO_SPINE) return undefined;
        continues[token] = place;
      }
    }
  }
  // An `or` at its end leads to the atom by itself.
  for (const [number, at] of spineOf.entries()) if (at === spine.length) spineOf[number] = NO_SPINE;
  if (spine.length === 0 || spine.length > MAX_SPINE) return undefined;

  const first = new Uint8Array(rules.length * SET_BYTES);
  for (const number of rules.keys()) {
    const tokens = rules[number] === undefined ? undefined : firsts.of(number);
    first.set(tokens === undefined ? ALL : bitsOf(tokens), number * SET_BYTES);
  }
  return {
    ...{ first, spineOf, spine: Uint8Array.from(spine), atom },
    ...{ begins: bitsOf(begins), continues },
  };
}

const ALL = new Uint8Array(SET_BYTES).fill(0xff);

function numbersOf(rules: Rules, is: (rule: Rule) => boolean): number[] {
  return [...rules.keys()].filter((number) => rules[number] !== undefined && is(rules[number]));
}

function bitsOf(tokens: ReadonlySet<number>): Uint8Array {
  const bits = new Uint8Array(SET_BYTES);
  for (const token of tokens) bits[token >> 3]! |= 1 << (token & 7);
  return bits;
}

/** The tokens that rules may begin with. */
class Firsts {
  private readonly known = new Map<number, ReadonlySet<number> | undefined>();

  constructor(private readonly rules: Rules) {}

  /** Undefined for a rule that may begin with any, or has nothing in it. */
  of(number: number): ReadonlySet<number> | undefined {
    if (this.known.has(number)) return this.known.get(number);
    // One that begins with itself would be no rule of a parser that looks at the next token only.
    this.known.set(number, undefined);
    const found = this.find(this.rules[number]);
    this.known.set(number, found);
    return found;
  }

  private find(rule: Rule | undefined): ReadonlySet<number> | undefined {
    if (rule === undefined || rule.args.length === 0) return undefined;
    const tokens = new Set<number>();
    for (const arg of (rule.act & KIND) === OR ? rule.args : rule.args.slice(0, 1)) {
      if ((arg & ARGUMENT_KIND) === TOKEN) tokens.add(arg & TOKEN_NUMBER);
      else if ((arg & ARGUMENT_KIND) === OPTIONAL) return undefined;
      else {
        const inner = this.of(arg & RULE_NUMBER);
        if (inner === undefined) return undefined;
        for (const token of inner) tokens.add(token);
      }
    }
    return tokens;
  }
}

/**
 * The rules that can be reached from `roots`, by their numbers.
 * @param actOf the byte of a rule in the artifact's table
 * @param argOf a word of its arguments
 * @returns undefined if one is none that is known
 */
export function rulesFrom(
  roots: readonly number[],
  actOf: (number: number) => number,
  argOf: (number: number, at: number) => number,
): (Rule | undefined)[] | undefined {
  const rules: (Rule | undefined)[] = [];
  const open = [...roots];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (rules[number] !== undefined) continue;
    const act = actOf(number);
    if ((act & KIND) === 0) return undefined;
    // A list has an item and a separator, or an item alone that repeats.
    const count = (act & KIND) === KIND ? ((act & COUNT) === 2 ? 1 : 2) : act & COUNT;
    const args = Array.from({ length: count }, (_, at) => argOf(number!, at));
    if (args.some((arg) => (arg & ARGUMENT_KIND) < TOKEN || (arg & ARGUMENT_KIND) > OPTIONAL)) return undefined;
    rules[number] = { act, args };
    for (const arg of args) if ((arg & ARGUMENT_KIND) !== TOKEN) open.push(arg & RULE_NUMBER);
  }
  return Array.from(rules);
}
