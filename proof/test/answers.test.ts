// Proofs of what the modules of Python programs do: calls through Emscripten's invoke functions, longjmp, and calls of the
// host whose answers no receipt of the module's has.
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, expect, test } from "vitest";
import { Engine } from "../../runtime/index.js";
import { checkStep, ProofError, type ShownAnswer, type StepProof } from "../check-step/index.js";
import { ModuleRun } from "../module-run.js";
import { proveStepAt } from "../prove-run.js";
import { STEP_PROOF_SCHEMA } from "../step-proof-schema.js";
import { assemble } from "./support.js";

/** $jumps is left by longjmp two calls deep: what called it gets 0, the stack pointer is what it was, setThrew has run. */
const PROGRAM = `(module
  (import "env" "invoke_ii" (func $invoke_ii (param i32 i32) (result i32)))
  (import "env" "invoke_v" (func $invoke_v (param i32)))
  (import "env" "_emscripten_throw_longjmp" (func $longjmp))
  (import "host" "read" (func $read (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 5 funcref) (elem (i32.const 1) $plus $jumps $note)
  (global $sp (mut i32) (i32.const 4096))
  (global $threw (mut i32) (i32.const 0))
  (func (export "emscripten_stack_get_current") (result i32) (global.get $sp))
  (func (export "setThrew") (param i32 i32) (global.set $threw (i32.add (local.get 0) (local.get 1))))
  (func $plus (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $deep (param i32) (if (local.get 0) (then (call $longjmp))))
  (func $jumps (param i32) (result i32)
    (global.set $sp (i32.sub (global.get $sp) (i32.const 64)))
    (call $deep (local.get 0))
    (i32.const 9))
  (func $note (i32.store (i32.const 8) (i32.const 77)))
  (func (export "run") (result i32) (local $sum i32)
    (local.set $sum (call $invoke_ii (i32.const 1) (i32.const 41)))
    (local.set $sum (i32.add (local.get $sum) (call $invoke_ii (i32.const 2) (i32.const 1))))
    (call $invoke_v (i32.const 3))
    (local.set $sum (i32.add (local.get $sum) (call $read (i32.const 1000) (i32.const 5))))
    (drop (call $read (i32.const 2000) (i32.const 1)))
    (local.set $sum (i32.add (local.get $sum) (i32.mul (global.get $threw) (i32.const 100))))
    (i32.add (local.get $sum) (call $invoke_ii (global.get $sp) (i32.const 0)))))`;

const module = new Engine().compile(assemble(PROGRAM, true));

/** Reading writes bytes and costs as many units; it answers how many. */
function program(): ModuleRun {
  return new ModuleRun({
    module,
    fuel: 10_000,
    calls: (instance) => [{ func: instance.getFunc("run"), args: [] }],
    world: {
      define(linker) {
        linker.defineInvoke("env", "invoke_ii");
        linker.defineInvoke("env", "invoke_v");
        linker.defineLongjmp("env", "_emscripten_throw_longjmp");
        const type = { params: ["i32", "i32"], results: ["i32"] } as const;
        linker.defineFunc("host", "read", type, (caller, at: number, count: number) => {
          caller.chargeFuel(count);
          caller.memory().write(
            at,
            Uint8Array.from({ length: count }, (_, i) => at + i),
          );
          return count;
        });
      },
    },
  });
}

/** A program's calls in the run: here as many as the module's, with what a log of Python's has. */
let programCalls: { fuel: number; name: string; args: string; result: unknown }[];
let proofs: StepProof[];

beforeAll(async () => {
  const whole = program();
  await whole.runTo(10_000);
  programCalls = whole.linker.calls.map(({ fuel }, i) => ({ fuel, name: "tell", args: "", result: { value: i } }));
  const run = program();
  proofs = [];
  for (;;) {
    const proof = await proveStepAt(run, run.fuelUsed, { programCalls });
    proofs.push(JSON.parse(JSON.stringify(proof)));
    if (proof.outcome.kind !== "running") return;
  }
}, 60_000);

const named = (name: string) => proofs.filter(({ step }) => step.instruction === name);
const answered = () => proofs.filter(({ host }) => host !== null);

test("each step is proved, checked, and leads to the next one", () => {
  const validate = new Ajv2020().compile(STEP_PROOF_SCHEMA);
  for (const [i, proof] of proofs.entries()) {
    expect(checkStep(proof).after).toBe(proof.after);
    expect(validate(proof), JSON.stringify(validate.errors)).toBe(true);
    if (i > 0) expect(proof.before).toBe(proofs[i - 1]!.after);
  }
  // The last call has the index 4096, which the table has not.
  expect(proofs.at(-1)!.outcome).toEqual({ kind: "trapped", message: "undefined element" });
});

test("calls of Emscripten's functions are given, and nothing else needs that", () => {
  const those = proofs.filter(({ emscripten }) => emscripten !== null);
  // Three invoke functions that get somewhere, longjmp, and the one that traps.
  expect(those.map(({ step }) => step.instruction)).toEqual(Array.from({ length: 5 }, () => "call"));
  // Global 0 is $sp; of the functions the imports are 0 to 3, the getter 4, setThrew 5.
  for (const { emscripten } of those) expect(emscripten).toEqual({ stackPointer: 0, setThrew: 5 });
  // Entries: run, $plus, $jumps, $deep, setThrew, $note.
  expect(named("entry of a function").map(({ step }) => step.funcidx)).toEqual([10, 6, 8, 7, 5, 9]);
});

test("what the host answers, writes and charges is shown, with the program's call that it was", () => {
  const [first, second] = answered().map(({ host }) => host as ShownAnswer);
  expect(first!.answer).toMatchObject({ name: "host.read", results: ["5"] });
  expect(first!.writes).toEqual([{ memory: 0, at: 1000, bytes: "e8e9eaebec" }]);
  expect(second!.writes).toEqual([{ memory: 0, at: 2000, bytes: "d0" }]);
  // The call's price, and what the host charges.
  const [{ fuel }] = answered() as [StepProof];
  expect(fuel.after - fuel.before).toBe(1 + 5);
  expect([first, second].map((host) => host!.logged!.index)).toEqual([0, 1]);
  const { given } = checkStep(answered()[0]);
  expect(given).toMatchObject({ index: 0, written: 5, effects: [] });
});

test("a proof of the earlier format, which has no answers, is checked as ever", () => {
  const { emscripten, ...earlier } = named("i32.add")[0]!;
  expect(emscripten).toBeNull();
  expect(checkStep({ ...earlier, format: "escapement-step-proof-1" }).after).toBe(earlier.after);
  const { emscripten: _, ...invoking } = proofs.find((proof) => proof.emscripten !== null)!;
  expect(() => checkStep({ ...invoking, format: "escapement-step-proof-1" })).toThrow(/shows no call/);
});

type Answered = StepProof & { host: ShownAnswer };
const flipped = (hex: string) => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);

const TAMPERED: Readonly<Record<string, (proof: Answered) => object>> = {
  "the import's name": ({ host }) => ({ host: { ...host, answer: { ...host.answer, name: "host.write" } } }),
  "the result": ({ host }) => ({ host: { ...host, answer: { ...host.answer, results: ["6"] } } }),
  "a result too wide": ({ host }) => ({ host: { ...host, answer: { ...host.answer, results: ["100000005"] } } }),
  "no result": ({ host }) => ({ host: { ...host, answer: { ...host.answer, results: [] } } }),
  "the fuel": ({ host }) => ({ host: { ...host, answer: { ...host.answer, fuel: host.answer.fuel + 1 } } }),
  "less fuel": ({ host }) => ({ host: { ...host, answer: { ...host.answer, fuel: 1 } } }),
  "the bytes": ({ host }) => ({ host: { ...host, writes: [{ ...host.writes[0]!, bytes: "e8e9eaebed" }] } }),
  "the address": ({ host }) => ({ host: { ...host, writes: [{ ...host.writes[0]!, at: 1001 }] } }),
  "an address behind the memory": ({ host }) => ({ host: { ...host, writes: [{ ...host.writes[0]!, at: 65_533 }] } }),
  "another memory": ({ host }) => ({ host: { ...host, writes: [{ ...host.writes[0]!, memory: 1 }] } }),
  "no write": ({ host }) => ({ host: { ...host, writes: [] } }),
  "a memory told of twice": ({ host, state }) => {
    const { name, byteLength, root } = state.find((part) => part.name === "memory 0")!;
    return { host: { ...host, effects: [{ name, byteLength, root }] } };
  },
  "an effect on the stack": ({ host, state }) => {
    const { name, byteLength, root } = state.find((part) => part.name === "stack")!;
    return { host: { ...host, effects: [{ name, byteLength, root }] } };
  },
  "the logged call's result": ({ host }) => {
    const call = { ...host.logged!.call, result: { value: 9 } };
    return { host: { ...host, logged: { ...host.logged!, call } } };
  },
  "the log's root": ({ host }) => ({
    host: { ...host, logged: { ...host.logged!, root: flipped(host.logged!.root) } },
  }),
  "the log's path": ({ host }) => ({ host: { ...host, logged: { ...host.logged!, path: [] } } }),
  "the place in the log": ({ host }) => ({ host: { ...host, logged: { ...host.logged!, index: 1 } } }),
  "the fuel of earlier executions": ({ host }) => ({ host: { ...host, logged: { ...host.logged!, earlier: 100 } } }),
  "the other call of the log": ({ host }) => {
    const { logged } = answered()[1]!.host as ShownAnswer;
    return { host: { ...host, logged } };
  },
  "Emscripten's functions where none is called": () => ({ emscripten: { stackPointer: 0, setThrew: 5 } }),
};

test.each(Object.entries(TAMPERED))("refuses an answer with another %s", (_, tamper) => {
  const proof = answered()[0] as Answered;
  expect(() => checkStep({ ...proof, ...tamper(proof) })).toThrow(ProofError);
});

test("refuses steps with another stack pointer or setThrew, or as calls of the host's", () => {
  const those = proofs.filter(({ emscripten, outcome }) => emscripten !== null && outcome.kind === "running");
  expect(those).toHaveLength(4);
  for (const proof of those) {
    const isLongjmp = proof === those[2];
    for (const emscripten of [
      { stackPointer: 1, setThrew: 5 },
      { stackPointer: 7, setThrew: 5 },
      { stackPointer: 0, setThrew: isLongjmp ? 9 : -1 },
      { stackPointer: 0 },
      null,
    ])
      expect(() => checkStep({ ...proof, emscripten }), JSON.stringify(emscripten)).toThrow(ProofError);
    const host = { ...(answered()[0]!.host as ShownAnswer), logged: null };
    expect(() => checkStep({ ...proof, host })).toThrow(ProofError);
  }
});
