import { describe, expect, test } from "vitest";
import { InstructionReader, OP, parseModule } from "../../decoder/index.js";
import { forms } from "../../test/support/form.js";
import { checkStep } from "../check-step/index.js";
import { dispute, firstDifferingCheckpoint } from "../dispute.js";
import type { ModuleRun } from "../module-run.js";
import { proveStepAt } from "../prove-run.js";
import { RunParty } from "../run-party.js";
import { MIXER_BYTES, type MixerOptions, mixer } from "./support.js";

const N = 130;
const INTERVAL = 256;
const module = parseModule(MIXER_BYTES);

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const make = (options: MixerOptions = {}) => mixer({ n: N, ...options });

async function checkpointsOf(run: ModuleRun) {
  await run.run({ interval: INTERVAL, doubles: false });
  return { ...run.checkpoints, used: run.fuelUsed };
}
const honest = checkpointsOf(make());

/** What two machines' receipts and answers say of each other. */
async function settle(faulty: RunParty) {
  const { used } = await honest;
  const a = new RunParty(() => make());
  const states: string[] = [];
  for (let fuel = INTERVAL; fuel <= used; fuel += INTERVAL) states.push(await faulty.stateAt(fuel));
  const part = firstDifferingCheckpoint(await honest, { interval: INTERVAL, states });
  const before = part?.before ?? INTERVAL * states.length;
  return dispute(module, a, faulty, before, part?.after ?? used + 1);
}

/** The questions that a part of 256 fuel takes at most: its two ends and eight halvings. */
const MOST_QUESTIONS = 10;

const FLIPS = forms(6, 100);
const OPERATIONS = forms(8, 60);
const LIES = forms(5, 40);

describe("a fault is found, to the unit of fuel and the instruction", () => {
  test(`${FLIPS} bits flipped in memory`, async () => {
    const next = random(1);
    const { used } = await honest;
    let found = 0;
    for (let i = 0; found < FLIPS; i++) {
      expect(i).toBeLessThan(8 + 2 * FLIPS);
      const fuel = Math.floor(next() * (used - 1));
      const address = Math.floor(next() * 65536);
      const bit = 1 << Math.floor(next() * 8);
      const flip = (run: ModuleRun) => {
        const memory = run.instance.getMemory("memory");
        memory.write(address, Uint8Array.of(memory.read(address, 1)[0]! ^ bit));
      };
      const faulty = new RunParty(() => make(), { fuel, apply: flip });
      const finding = await settle(faulty);
      if (finding === null) {
        // The program wrote over it before the next checkpoint: nothing that anybody was told is wrong.
        expect(await faulty.stateAt(fuel + 1)).not.toBe(await new RunParty(() => make()).stateAt(fuel + 1));
        continue;
      }
      found++;
      expect(finding.fuel, `flip ${i}`).toBe(fuel);
      expect(finding.differences.map(({ what }) => what)).toEqual([`memory 0 at ${address}`]);
      expect(Number(finding.differences[0]!.a) ^ Number(finding.differences[0]!.b)).toBe(bit);
      expect(finding.place).not.toBeNull();
      expect(finding.questions).toBeLessThanOrEqual(MOST_QUESTIONS);
    }
  });

  test(`${OPERATIONS} wrong operations: an instruction that this engine takes for another one`, async () => {
    const next = random(2);
    const swaps = arithmetic();
    let found = 0;
    for (let i = 0; found < OPERATIONS; i++) {
      expect(i).toBeLessThan(4 * OPERATIONS);
      const { offset, name } = swaps[Math.floor(next() * swaps.length)]!;
      const wrong = WRONG[Math.floor(next() * WRONG.length)]!;
      if (MIXER_BYTES[offset] === wrong) continue;
      const bytes = MIXER_BYTES.slice();
      bytes[offset] = wrong;
      const finding = await settle(new RunParty(() => make({ bytes })));
      // Some are right by chance for all operands that there are.
      if (finding === null) continue;
      found++;
      expect(finding.place!.offset).toBe(offset);
      expect(finding.instruction).toBe(name);
      expect(finding.questions).toBeLessThanOrEqual(MOST_QUESTIONS);
    }
  });

  test(`${LIES} lies of the host`, async () => {
    const asked: number[] = [];
    const record = (x: number) => {
      asked.push(x);
      return (x ^ 5) | 0;
    };
    const run = make({ n: 64 * LIES, answer: record });
    await run.run({ interval: 2 ** 40 });
    expect(asked).toHaveLength(LIES);
    const call = instructions().find(({ opcode, index }) => opcode === OP.call && index === 0)!;
    for (const [i, x] of asked.entries()) {
      const lie = (y: number) => (y === x ? 12345 : (y ^ 5) | 0);
      const long = { n: 64 * LIES };
      const a = new RunParty(() => make(long));
      const b = new RunParty(() => make({ ...long, answer: lie }));
      const finding = (await dispute(module, a, b, 0, run.fuelUsed + 1))!;
      expect(finding.place!.offset, `lie ${i}`).toBe(call.offset);
      expect(finding.instruction).toMatch(/^call /);
      expect(finding.fuel + 1).toBe(run.linker.calls[i]!.fuel);
      expect(finding.questions).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(run.fuelUsed)));
    }
  });
});

test("a dispute ends in a proof: of the honest party's step, by whoever has neither run", async () => {
  const flip = (run: ModuleRun) => run.instance.getMemory("memory").write(0x1234, Uint8Array.of(1));
  const { used } = await honest;
  const [mine, theirs] = [new RunParty(() => make()), new RunParty(() => make(), { fuel: 2000, apply: flip })];
  const { fuel } = (await dispute(module, mine, theirs, 0, used))!;
  const { calls } = (await mine.runTo(used)).linker;
  const checked = checkStep(JSON.parse(JSON.stringify(await proveStepAt(make(), fuel, { calls }))));
  // Both agree on the state before.
  expect(checked.before).toBe(await mine.stateAt(fuel));
  expect(checked.before).toBe(await theirs.stateAt(fuel));
  expect(checked.after).toBe(await mine.stateAt(fuel + 1));
  expect(checked.after).not.toBe(await theirs.stateAt(fuel + 1));
});

test("two honest runs have nothing to settle", async () => {
  expect(await settle(new RunParty(() => make()))).toBeNull();
});

const WRONG = [OP["i32.add"], OP["i32.sub"], OP["i32.mul"], OP["i32.and"], OP["i32.or"], OP["i32.xor"]].map(
  (opcode) => 0x6a + (opcode - OP["i32.add"]),
);

function instructions() {
  const list: { opcode: number; offset: number; index: number }[] = [];
  const reader = new InstructionReader(module.bytes, module.types);
  for (const { start, end } of module.bodies) {
    reader.offset = start;
    reader.end = end;
    while (reader.offset < end) {
      reader.next();
      list.push({ opcode: reader.opcode, offset: reader.start, index: reader.index });
    }
  }
  return list;
}

function arithmetic() {
  const names = ["i32.add", "i32.mul", "i32.and", "i32.xor"] as const;
  return instructions().flatMap(({ opcode, offset }) => {
    const name = names.find((candidate) => OP[candidate] === opcode);
    return name === undefined ? [] : [{ name, offset }];
  });
}
