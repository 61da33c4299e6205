// MicroPython's parser as py/parse.c has it (mp_parse(), v1.29): it tries rules one by one and goes back. What it pushes
// is what the parser of parser.wat has to push.

import type { Rules } from "../grammar.js";

export interface Token {
  readonly kind: number;
  readonly line: number;
}

/** What a parser pushes on the stack of results, in text. */
export interface Results {
  token(rule: number, token: Token): void;
  rule(line: number, rule: number, count: number): void;
  nothing(): void;
  /** Whether the result that many places below the last one is something. */
  isSomething(below: number): boolean;
  /** Takes results away, and puts the one of them back that is something. */
  keepOne(count: number): void;
}

interface Entry {
  readonly rule: number;
  readonly line: number;
  readonly at: number;
}

/**
 * @param tokens the last one is repeated
 * @returns how many tokens were taken; undefined for a syntax error
 */
export function parse(
  rules: Rules,
  name: number,
  top: number,
  tokens: readonly Token[],
  results: Results,
): number | undefined {
  let position = 0;
  const token = () => tokens[Math.min(position, tokens.length - 1)]!;
  const stack: Entry[] = [{ rule: top, line: token().line, at: 0 }];
  const enter = (arg: number) => stack.push({ rule: arg & 255, line: token().line, at: 0 });
  const isToken = (arg: number) => (arg & 0xf000) === 0x1000;
  let back = false;
  next_rule: for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { rule, line } = entry;
    let { at } = entry;
    const { act, args } = rules[rule]!;
    const n = act & 15;
    if ((act & 48) === 16) {
      if (at > 0 && !back) continue;
      back = false;
      for (; at < n; at++) {
        const arg = args[at]!;
        if (isToken(arg)) {
          if (token().kind !== (arg & 0xfff)) continue;
          results.token(rule, token());
          position++;
          continue next_rule;
        }
        if (at + 1 < n) stack.push({ rule, line, at: at + 1 });
        enter(arg);
        continue next_rule;
      }
      back = true;
    } else if ((act & 48) === 32) {
      if (back) {
        if ((args[at - 1]! & 0xf000) === 0x3000) {
          results.nothing();
          back = false;
        } else if (at > 1) return undefined;
        else continue;
      }
      for (; at < n; at++) {
        const arg = args[at]!;
        if (isToken(arg)) {
          if (token().kind === (arg & 0xfff)) {
            if (token().kind === name) results.token(rule, token());
            position++;
          } else if (at > 0) return undefined;
          else {
            back = true;
            continue next_rule;
          }
        } else {
          stack.push({ rule, line, at: at + 1 });
          enter(arg);
          continue next_rule;
        }
      }
      let count = 0;
      let something = 0;
      for (let x = n - 1; x >= 0; x--) {
        if (isToken(args[x]!)) {
          if ((args[x]! & 0xfff) !== name) continue;
          something++;
        } else if (results.isSomething(count)) something++;
        count++;
      }
      if (something === 1 && (act & 64) !== 0) results.keepOne(count);
      else {
        if ((act & 128) !== 0) {
          results.nothing();
          count++;
        }
        results.rule(line, rule, count);
      }
    } else {
      let trailing = false;
      if (!back) {
        for (;;) {
          const arg = args[at & 1 & n]!;
          if (isToken(arg)) {
            if (token().kind === (arg & 0xfff)) {
              if ((at & 1 & n) === 0) results.token(rule, token());
              position++;
              at++;
            } else {
              at++;
              back = true;
              break;
            }
          } else {
            stack.push({ rule, line, at: at + 1 });
            enter(arg);
            continue next_rule;
          }
        }
      }
      if (at === 1) continue;
      if (n !== 2 && (at & 1) === 1) {
        if (n !== 3) return undefined;
        trailing = true;
      }
      back = false;
      let count = at - 1;
      if ((n & 1) === 1 && isToken(args[1]!)) count = (count + 1) >> 1;
      if (count !== 1 || trailing) results.rule(line, rule, count);
    }
  }
  return back ? undefined : position;
}
