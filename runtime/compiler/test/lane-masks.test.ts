// A comparison of small lanes in front of a bitmask gives the lanes' highest bits alone: the bits are those of the lanes
// as JavaScript compares them one by one.
import { expect, test } from "vitest";
import { Engine, Linker, Store } from "../../index.js";
import { wat } from "../../test/support/wat.js";

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};
const NAMES = ["eq", "ne", ...["lt", "gt", "le", "ge"].flatMap((name) => [`${name}_s`, `${name}_u`])];
const ARRAYS = {
  "i8x16 s": Int8Array,
  "i8x16 u": Uint8Array,
  "i16x8 s": Int16Array,
  "i16x8 u": Uint16Array,
} as const;
const EDGES = [0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff];

test.each(["i8x16", "i16x8"] as const)("bitmasks of comparisons of %s", async (shape) => {
  const func = (name: string) =>
    `(func (export "${name}") (result i32)
      (${shape}.bitmask (${shape}.${name} (v128.load (i32.const 0)) (v128.load (i32.const 16)))))`;
  const engine = new Engine({ tier: "compiler", compileAfter: 0 });
  const text = `(module (memory (export "memory") 1) ${NAMES.map(func).join("\n")})`;
  const instance = new Linker(engine).instantiate(new Store(engine), engine.compile(await wat(text)));
  for (let round = 0; round < 60; round++) {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => EDGES[(i * i * 5 + round * (i + 3)) % EDGES.length]!);
    instance.getMemory("memory").write(0, bytes);
    for (const name of NAMES) {
      const lanes = new ARRAYS[`${shape} ${name.endsWith("_s") ? "s" : "u"}`](bytes.buffer);
      const half = lanes.length / 2;
      let expected = 0;
      for (let i = 0; i < half; i++) if (COMPARE[name.slice(0, 2)]!(lanes[i]!, lanes[half + i]!)) expected += 2 ** i;
      expect([name, round, instance.call(name)]).toEqual([name, round, [expected]]);
    }
  }
});
