import { expect, test } from "vitest";
import { captureStore, Engine, Execution, Linker, restoreStore, Store } from "../index.js";
import { Embedding } from "./support/embed.js";
import { wat } from "./support/wat.js";

// (func $f (export "f") (param i32) (result i32)
//   (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
//     (else (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))))
const BODY = [0x20, 0, 0x45, 0x04, 0x7f, 0x41, 0, 0x05, 0x41, 1, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x6a, 0x0b, 0x0b];
const RECURSION = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, BODY.length + 3, 1, BODY.length + 1, 0, ...BODY],
]);

function recurse(depth: number, limits: { frames?: number; stackSlots?: number }) {
  const engine = new Engine();
  const store = new Store(engine, { limits });
  const instance = new Linker(engine).instantiate(store, engine.compile(RECURSION));
  const execution = new Execution(store).start(instance.getFunc("f"), [depth]);
  return { result: execution.run(1e9), fuel: execution.fuelUsed };
}

test.each([1, 2, 3, 100, 507, 508, 509, 510, 1000, 5000])(
  "a limit of %i frames is that many nested calls",
  (frames) => {
    expect(recurse(frames, { frames }).result).toEqual({ status: "done", results: [frames] });
    const { result } = recurse(frames + 1, { frames });
    expect(result).toMatchObject({ status: "trapped", error: { kind: "stack", message: "call stack exhausted" } });
  },
);

test("the call that finds no frame is paid, its callee's entry is not", () => {
  // Each level: 1 entry, local.get, i32.eqz, if, i32.const, local.get, i32.const, i32.sub, call.
  expect(recurse(1_000_000, { frames: 50 }).fuel).toBe(51 * 9);
});

test("recursion ends at the same depth however the registers have grown", () => {
  const deepest = (stackSlots: number) => {
    let low = 0;
    let high = 100_000;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (recurse(middle, { stackSlots }).result.status === "done") low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const [small, large] = [deepest(2_000), deepest(20_000)];
  expect(deepest(2_000)).toBe(small);
  expect(large).toBeGreaterThan(9 * small);
});

test.each([1, 2, 5, 11, 12, 20])("an execution that has hibernated has no more than %i frames", (frames) => {
  const engine = new Engine();
  const store = new Store(engine, { limits: { frames } });
  const instance = new Linker(engine).instantiate(store, engine.compile(RECURSION));
  const run = (depth: number) => {
    const execution = new Execution(store).start(instance.getFunc("f"), [depth]);
    execution.hibernate();
    expect(execution.run(5).status).toBe("paused");
    execution.hibernate();
    return execution.run(1e9);
  };
  expect(run(frames)).toMatchObject({ status: "done", results: [frames] });
  expect(run(frames + 1)).toMatchObject({ status: "trapped", error: { kind: "stack" } });
});

test("an execution that has hibernated has no more registers", () => {
  for (let stackSlots = 2; stackSlots < 40; stackSlots++) {
    const depths = [false, true].map((hibernates) => {
      const engine = new Engine();
      const store = new Store(engine, { limits: { stackSlots } });
      const instance = new Linker(engine).instantiate(store, engine.compile(RECURSION));
      let depth = 0;
      for (; ; depth++) {
        const execution = new Execution(store).start(instance.getFunc("f"), [depth]);
        if (hibernates) execution.hibernate();
        if (execution.run(1e9).status !== "done") return depth;
      }
    });
    expect(depths[1]).toBe(depths[0]);
  }
});

test("a guest function that a host function calls finds no room", async () => {
  const statuses = new Set<string>();
  for (let stackSlots = 4; stackSlots < 24; stackSlots++) {
    const embedding = new Embedding({ stackSlots });
    const callee = await embedding.instantiate(
      `(module (func (export "g") ${"(param i64)".repeat(10)} (result i32) (i32.const 4)))`,
    );
    embedding.linker.defineFunc("h", "f", { params: [], results: ["i32"] }, (caller) =>
      caller.callGuest(callee.getFunc("g"), Array<bigint>(10).fill(0n), (_, [result]) => result),
    );
    const instance = await embedding.instantiate(`(module (import "h" "f" (func $f (result i32)))
      (func (export "r") (result i32) (i32.add (call $f) (call $f))))`);
    const result = new Execution(embedding.store).start(instance.getFunc("r")).run(1000);
    statuses.add(result.status);
    if (result.status === "done") expect(result.results).toEqual([8]);
    else expect(result).toMatchObject({ status: "trapped", error: { kind: "stack" } });
  }
  expect([...statuses]).toEqual(["trapped", "done"]);
});

test.each(["hibernated", "been restored"])("an execution that has %s in its last frame has no further one", (what) => {
  const frames = 600;
  const engine = new Engine();
  const store = new Store(engine, { limits: { frames } });
  const instance = new Linker(engine).instantiate(store, engine.compile(RECURSION));
  let execution = new Execution(store).start(instance.getFunc("f"), [frames + 1]);
  // Its last instruction is the call that finds no frame.
  expect(execution.run((frames + 1) * 9 - 1).status).toBe("paused");
  const subject = { store, instances: [instance] };
  if (what === "hibernated") execution.hibernate();
  else execution = restoreStore(captureStore(subject, { execution }), subject)!;
  expect(execution.run(100)).toMatchObject({ status: "trapped", error: { kind: "stack" } });
  expect(execution.fuelUsed).toBe((frames + 1) * 9);
});

// ---- One answer at every limit, in the narrow form and in the wide one ----

/** Ways to call \`$leaf\`, \`$host\` or nothing at all, through each of the calls that there are. */
const CALLS: Readonly<Record<string, string>> = {
  "call of a function": "(call $leaf)",
  "call of a host function": "(call $host)",
  "call_indirect of a function": "(call_indirect (type $t) (i32.const 0))",
  "call_indirect of a host function": "(call_indirect (type $t) (i32.const 1))",
  "call_indirect of null": "(call_indirect (type $t) (i32.const 2))",
  "call_indirect of no element": "(call_indirect (type $t) (i32.const 9))",
  "call_indirect of another type": "(call_indirect (type $t) (i32.const 3))",
  "call_indirect of another instance's function": "(call_indirect (type $t) (i32.const 4))",
  "call of another instance's function": "(call $other)",
  "call_ref of a function": "(call_ref $t (ref.func $leaf))",
  "call_ref of a host function": "(call_ref $t (ref.func $host))",
  "call_ref of null": "(call_ref $t (ref.null $t))",
  "return_call of a function": "(return_call $leaf)",
  "return_call of a host function": "(return_call $host)",
  "return_call_indirect of a function": "(return_call_indirect (type $t) (i32.const 0))",
  "return_call_indirect of null": "(return_call_indirect (type $t) (i32.const 2))",
  "invoke of a function": "(call $invoke (i32.const 0))",
  "invoke of a host function": "(call $invoke (i32.const 1))",
  "invoke of null": "(call $invoke (i32.const 2))",
  "invoke of another instance's function": "(call $invoke (i32.const 4))",
};

/** Recursion of depth \`n\` that ends in a call; with \`locals\` the stepping form, or both, are wide. */
function deepCall(call: string, locals: number, pushes: number): string {
  return `(module (type $t (func))
    (import "h" "host" (func $host (type $t))) (import "h" "other" (func $other (type $t)))
    (import "env" "invoke_v" (func $invoke (param i32)))
    (table 5 5 funcref) (elem (i32.const 0) $leaf $host) (elem (i32.const 3) $main $other)
    (elem declare func $leaf $host)
    (global $sp (mut i32) (i32.const 0))
    (func (export "setThrew") (param i32 i32)) (func (export "stackSave") (result i32) (global.get $sp))
    (func $leaf (type $t))
    (func $main (export "main") (param $n i32) ${"(local i32)".repeat(locals)}
      (if (local.get $n) (then (call $main (i32.sub (local.get $n) (i32.const 1)))) (else ${call}))
      ${"(i32.const 1) ".repeat(pushes)} ${"(drop) ".repeat(pushes)}))`;
}

const FORMS = { narrow: [0, 0], "narrow, wide in single steps": [250, 20], wide: [260, 0] } as const;
const OTHER = await wat('(module (func (export "f")))');

/** What the call at depth \`depth\` ends in, at a limit of \`frames\`, in slices of \`slice\` units. */
function endOf(bytes: Uint8Array, limits: { frames?: number; stackSlots?: number }, depth: number, slice: number) {
  const engine = new Engine();
  const store = new Store(engine, { limits });
  let called = 0;
  const linker = new Linker(engine).defineInvoke("env", "invoke_v");
  linker.defineFunc("h", "host", { params: [], results: [] }, () => void called++);
  linker.define("h", "other", linker.instantiate(store, engine.compile(OTHER)).getFunc("f"));
  const x = new Execution(store).start(linker.instantiate(store, engine.compile(bytes)).getFunc("main"), [depth]);
  let result = x.run(slice);
  while (result.status === "paused") result = x.run(slice);
  return {
    status: result.status,
    error: result.status === "trapped" ? result.error.message : "",
    called,
    fuel: x.fuelUsed,
  };
}

test.each(Object.entries(CALLS))("%s: one answer at every limit, in every form, in every slice", async (name, call) => {
  // The limit of frames that the call itself needs, beside those of the recursion.
  const DEPTH = 12;
  const forms = await Promise.all(Object.values(FORMS).map(([locals, pushes]) => wat(deepCall(call, locals, pushes))));
  const ends = new Set<string>();
  for (let frames = DEPTH - 2; frames <= DEPTH + 6; frames++) {
    const answers = forms.map((bytes) => {
      const whole = endOf(bytes, { frames }, DEPTH, 1e6);
      for (const slice of [1, 3]) expect(endOf(bytes, { frames }, DEPTH, slice), `frames ${frames}`).toEqual(whole);
      return { ...whole, fuel: 0 };
    });
    for (const answer of answers) expect(answer, `frames ${frames}`).toEqual(answers[0]);
    ends.add(`${answers[0]!.status} ${answers[0]!.error}`);
  }
  const traps = / of (null|no element|another type)$/.test(name);
  expect(ends.size, [...ends].join()).toBe(2);
  expect([...ends][0]).toBe("trapped call stack exhausted");
  expect([...ends][1]).toMatch(traps ? /^trapped (uninitialized|undefined|indirect|null)/ : /^done/);
});

test.each(Object.entries(CALLS))("%s: one answer where registers run out, in every slice", async (_, call) => {
  const DEPTH = 4;
  for (const [locals, pushes] of Object.values(FORMS)) {
    const bytes = await wat(deepCall(call, locals, pushes));
    const isExhausted = (stackSlots: number) =>
      endOf(bytes, { stackSlots }, DEPTH, 1e6).error === "call stack exhausted";
    let [low, high] = [8, 4000];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isExhausted(middle)) low = middle + 1;
      else high = middle;
    }
    for (let stackSlots = low - 5; stackSlots <= low + 1; stackSlots++) {
      const whole = endOf(bytes, { stackSlots }, DEPTH, 1e6);
      for (const slice of [1, 3]) {
        expect(endOf(bytes, { stackSlots }, DEPTH, slice), `${locals} locals, ${stackSlots} slots`).toEqual(whole);
      }
      expect(whole.error === "call stack exhausted").toBe(stackSlots < low);
    }
  }
});
