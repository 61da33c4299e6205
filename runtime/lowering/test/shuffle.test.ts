// Shuffles of whole words are another operation than shuffles of bytes: both against what the specification says.
import { expect, test } from "vitest";
import { Engine, Execution, Linker, Store } from "../../index.js";
import { Random } from "../../test/support/random.js";
import { wat } from "../../test/support/wat.js";

/** Lanes of shuffles: whole words, words one of whose bytes is another, words that are not aligned. */
function patterns(): number[][] {
  const random = new Random(7);
  return Array.from({ length: 60 }, (_, n) => {
    const lanes = Array.from({ length: 4 }, () => 4 * random.below(8)).flatMap((at) => [at, at + 1, at + 2, at + 3]);
    if (n % 3 === 1) lanes[random.below(16)] = random.below(32);
    return n % 3 === 2 ? lanes.map((lane) => (lane + 2) % 32) : lanes;
  });
}

test.each([
  ["in functions of few slots", ""],
  ["in functions of many slots", `(local ${"i64 ".repeat(300)})`],
])("shuffles %s", async (_, locals) => {
  const all = patterns();
  const functions = all.map(
    (lanes, i) => `(func (export "${i}") (param v128 v128) (result v128 v128) ${locals}
      (i8x16.shuffle ${lanes.join(" ")} (local.get 0) (local.get 1))
      (local.set 0 (i8x16.shuffle ${lanes.join(" ")} (local.get 0) (local.get 1))) (local.get 0))`,
  );
  const engine = new Engine();
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(await wat(`(module ${functions.join("")})`)));
  const bytes = Array.from({ length: 32 }, (_, i) => 7 * i + 3);
  const vector = (values: readonly number[]) => values.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  const args = [vector(bytes.slice(0, 16)), vector(bytes.slice(16))];
  all.forEach((lanes, i) => {
    const expected = vector(lanes.map((lane) => bytes[lane]!));
    const result = new Execution(store).start(instance.getFunc(String(i)), args).run(1000);
    expect(result, lanes.join(" ")).toMatchObject({ status: "done", results: [expected, expected] });
  });
});
