// Traps in the words of each engine. What is expected was said by the engines themselves: `npm run engine-table` writes
// engine-texts.json. V8's are compared with this host's as well.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadAssembler } from "../../../spec-tests/assemble.js";
import { ours } from "./support.js";

interface Said {
  readonly error: string;
  readonly text: string;
}
interface Texts {
  readonly traps: readonly { readonly trap: string; readonly op?: string; readonly wat: string }[];
  readonly engines: readonly { readonly name: string; readonly engine: string; readonly traps: readonly Said[] }[];
}
const TEXTS = JSON.parse(readFileSync(new URL("engine-texts.json", import.meta.url), "utf8")) as Texts;
/** The engine that each column of the option stands for: the oldest Node, whose words were there first. */
const ENGINES = { V8: ["Node 20", "Node 22"], SpiderMonkey: ["Firefox ESR"], JavaScriptCore: ["Bun"] } as const;

/** What no library can say: where segments lie, and the name of a class that other hosts have not. */
const APART = [
  "Node 22, out of bounds memory access (data segment)",
  "Bun, out of bounds memory access (data segment)",
  "Firefox ESR, stack",
];

const modules: Uint8Array[] = [];
beforeAll(async () => {
  const assembler = await loadAssembler();
  for (const { wat } of TEXTS.traps) modules.push(await assembler.assemble(wat));
});

describe.each(Object.entries(ENGINES))("%s", (messages, names) => {
  test.each(TEXTS.traps.map(({ trap, op }, i) => [op === undefined ? trap : `${trap} (${op})`, i] as const))(
    "%s",
    (label, i) => {
      const W = ours({ messages: messages as keyof typeof ENGINES });
      let said: Said | undefined;
      try {
        new W.Instance(new W.Module(modules[i])).exports.f();
      } catch (error) {
        said = { error: (error as Error).name, text: (error as Error).message };
      }
      expect(said).toBeDefined();
      for (const name of names) {
        const theirs = TEXTS.engines.find((engine) => engine.name === name)!.traps[i]!;
        // The engine does not know the instruction.
        if (theirs.error === "") continue;
        if (APART.includes(`${name}, ${label}`)) expect(said).not.toEqual(theirs);
        else expect(said, name).toEqual(theirs);
      }
    },
  );
});

test("what engines say was asked of all three, for every trap", () => {
  expect(new Set(TEXTS.engines.map(({ engine }) => engine))).toEqual(new Set(Object.keys(ENGINES)));
  for (const [, names] of Object.entries(ENGINES)) {
    const known = TEXTS.engines.filter(({ name }) => (names as readonly string[]).includes(name));
    expect(TEXTS.traps.filter((_, i) => known.every(({ traps }) => traps[i]!.error === ""))).toEqual([]);
  }
});

test("an engine that is none is refused", () => {
  expect(() => ours({ messages: "Chakra" as "V8" })).toThrow('messages is "Chakra"; engines are V8, SpiderMonkey');
});
