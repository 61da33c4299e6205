import { expect, test } from "vitest";
import { HandlerIndex } from "../interpreter/handler-index.js";
import type { Handler } from "../register-code/register-code.js";
import { Random } from "./support/random.js";

const handler = (from: number, to: number): Handler => ({
  from,
  to,
  kind: 2,
  tagidx: -1,
  target: 0,
  fuel: 0,
  slot: 0,
});

/** Handlers of random blocks in blocks, innermost first, as the lowering lists them. */
function randomHandlers(random: Random): Handler[] {
  const handlers: Handler[] = [];
  let at = 10;
  const block = (depth: number) => {
    const from = at;
    at += random.below(2);
    for (let i = random.below(4); i > 0 && depth < 6; i--) block(depth + 1);
    at += random.below(2);
    const to = at;
    // A legacy try: what its handlers hold lies behind its body, and comes before it in the list.
    if (random.below(2) === 0 && depth < 6) block(depth + 1);
    for (let i = random.below(3); i > 0; i--) handlers.push(handler(from, to));
  };
  for (let i = 0; i < 5; i++) block(0);
  return handlers;
}

test("the handlers that cover a position, innermost first", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const handlers = randomHandlers(new Random(seed));
    const index = new HandlerIndex(handlers);
    const found: unknown[] = [];
    const expected: unknown[] = [];
    for (let pc = 0; pc < 200; pc++) {
      const covering = handlers.flatMap(({ from, to }, i) => (from <= pc && pc < to ? [i] : []));
      const [first] = covering;
      const limit = covering[covering.length >> 1];
      expected.push([pc, covering, covering.find((i) => first !== undefined && i > first && i >= limit!) ?? -1]);
      const all: number[] = [];
      for (let i = index.at(pc); i >= 0; i = index.after(i)) all.push(i);
      found.push([pc, all, first === undefined ? -1 : index.after(first, limit)]);
    }
    expect(found, `seed ${seed}`).toEqual(expected);
  }
});
