// Runs of which each step is proved: between them they touch every part of a state.
import { OPCODES, type OpcodeRow } from "../../decoder/opcodes.js";
import { Engine } from "../../runtime/index.js";
import { checkStep, type StepProof } from "../check-step/index.js";
import { ModuleRun } from "../module-run.js";
import { proveStepAt } from "../prove-run.js";
import { StateHasher } from "../state-hash.js";
import { assemble, mixer } from "./support.js";

/** Objects, exceptions, vectors, bulk work, growth, tables, calls of each kind; ends in a trap. */
const WHOLE = `(module
  (type $pair (struct (field (mut i32)) (field (mut i8)) (field (ref null $pair))))
  (type $numbers (array (mut i64)))
  (type $unary (func (param i32) (result i32)))
  (tag $stop (param i32))
  (memory (export "memory") 1 3)
  (data $text "escapement")
  (table $t 3 8 funcref)
  (elem (table $t) (i32.const 0) func $double $throw)
  (elem $late func $double)
  (global $seen (mut i64) (i64.const 1))
  (global $kept (mut (ref null $pair)) (ref.null $pair))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $throw (type $unary) (throw $stop (i32.add (local.get 0) (i32.const 1))))
  (func $tail (type $unary) (return_call $double (i32.add (local.get 0) (i32.const 3))))
  (func $caught (param i32) (result i32)
    (block $out (result i32)
      (try_table (result i32) (catch $stop $out)
        (call_indirect $t (type $unary) (local.get 0) (i32.const 1)))))
  (func $choose (param i32) (result i32)
    (block $b (block $a (br_table $a $b (local.get 0))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "run") (param $n i32) (result i32)
    (local $pair (ref null $pair)) (local $numbers (ref null $numbers)) (local $v v128)
    (local.set $pair (struct.new $pair (local.get $n) (i32.const 300) (ref.null $pair)))
    (global.set $kept (struct.new $pair (i32.const 1) (i32.const 2) (local.get $pair)))
    (struct.set $pair 0 (local.get $pair) (i32.const 77))
    (local.set $numbers (array.new $numbers (i64.const -5) (i32.const 9)))
    (array.set $numbers (local.get $numbers) (i32.const 4) (i64.const 1234567890123))
    (global.set $seen (array.get $numbers (local.get $numbers) (i32.const 4)))
    (local.set $v (i32x4.splat (struct.get_u $pair 1 (local.get $pair))))
    (v128.store (i32.const 32) (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4)))
    (memory.init $text (i32.const 1020) (i32.const 0) (i32.const 10))
    (memory.copy (i32.const 5000) (i32.const 1000) (i32.const 3000))
    (memory.fill (i32.const 60000) (i32.const 7) (i32.const 2000))
    (drop (memory.grow (i32.const 1)))
    (i64.store (i32.const 70000) (i64.extend_i32_s (call $caught (i32.const 41))))
    (drop (table.grow $t (ref.func $tail) (i32.const 2)))
    (table.init $t $late (i32.const 2) (i32.const 0) (i32.const 1))
    (elem.drop $late)
    (data.drop $text)
    (drop (call_indirect $t (type $unary) (i32.const 5) (i32.const 4)))
    (drop (call $choose (i32.const 0)))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (drop (ref.test (ref $pair) (global.get $kept)))
    (f64.store (i32.const 64) (f64.sqrt (f64.const 2)))
    (i32.div_s (i32.load (i32.const 5020)) (i32.sub (local.get $n) (local.get $n)))))`;

/** The official suite's file about them has no assertions: what fits, what does not, NaNs. */
const RELAXED_TRUNCATIONS = `(module
  (memory (export "memory") 1)
  (func $floats (param $v v128) (param $at i32)
    (v128.store (local.get $at) (i32x4.relaxed_trunc_f32x4_s (local.get $v)))
    (v128.store offset=16 (local.get $at) (i32x4.relaxed_trunc_f32x4_u (local.get $v))))
  (func $doubles (param $v v128) (param $at i32)
    (v128.store (local.get $at) (i32x4.relaxed_trunc_f64x2_s_zero (local.get $v)))
    (v128.store offset=16 (local.get $at) (i32x4.relaxed_trunc_f64x2_u_zero (local.get $v))))
  (func (export "run") (param $n i32) (result i32)
    (call $floats (v128.const f32x4 -1.5 3e9 nan inf) (i32.const 0))
    (call $floats (v128.const f32x4 2.75 -3e9 -0.0 5e9) (i32.const 32))
    (call $doubles (v128.const f64x2 -2147483648.5 4294967295.5) (i32.const 64))
    (call $doubles (v128.const f64x2 nan -inf) (i32.const 96))
    (local.get $n)))`;

const CELL = 0xf8f7_f6f5_f4f3_f2f1n;
const CELL_BYTES = "\\f1\\f2\\f3\\f4\\f5\\f6\\f7\\f8";
const ATOMIC_ROWS = OPCODES.filter(({ feature, width }) => feature === "threads" && width !== undefined);

/** Calls of an atomic access on a cell of its own: with more bits than are there, with what is there, and with neither. */
function atomicCalls({ name, type, width = 0 }: OpcodeRow, i: number): string[] {
  const [operands = "", results] = type!.split(":");
  const there = BigInt.asUintN(8 * width, CELL);
  return [CELL, there, there ^ 1n].map((first) => {
    // What an exchange puts there, or how long is waited: not at all.
    const second = name.includes("wait") ? 0n : 0x1234_5678_9abc_def0n;
    const given = [...operands.slice(1)].map((kind, k) => {
      const bits = kind === "i" ? 32 : 64;
      return `(i${bits}.const ${BigInt.asUintN(bits, k === 0 ? first : second)})`;
    });
    const call = `(${name} (i32.const ${8 * i}) ${given.join(" ")})`;
    return results === "" ? call : `(drop ${call})`;
  });
}

/** Every atomic access; ends in a trap. */
const ATOMICS = `(module
  (memory (export "memory") 1 1 shared)
  (data (i32.const 0) "${CELL_BYTES.repeat(ATOMIC_ROWS.length)}")
  ${ATOMIC_ROWS.map((row, i) => `(func $f${i} ${atomicCalls(row, i).join(" ")})`).join("\n  ")}
  (func (export "run") (param $n i32) (result i32)
    ${ATOMIC_ROWS.map((_, i) => `(call $f${i})`).join(" ")}
    (atomic.fence)
    (i32.atomic.load (i32.const 2))))`;

/** Wide arithmetic, pages of a byte, legacy exceptions. */
const WIDE_AND_LEGACY = `(module
  (tag $stop (param i32))
  (memory (export "memory") 3 9 (pagesize 1))
  (func $throw (param i32) (result i32) (throw $stop (local.get 0)))
  (func $again (param i32) (result i32)
    (try $l (result i32) (do (call $throw (local.get 0))) (catch $stop (drop) (rethrow $l))))
  (func $delegated (param i32) (result i32)
    (try $l (result i32)
      (do (try (result i32) (do (call $throw (local.get 0))) (delegate $l)))
      (catch $stop)))
  (func $wide (param $a i64) (param $b i64) (result i64) (local $x i64) (local $y i64)
    (i64.add128 (local.get $a) (local.get $b) (local.get $b) (local.get $a))
    (local.set $y) (local.set $x)
    (i64.sub128 (local.get $b) (local.get $x) (local.get $a) (local.get $y))
    (local.set $y) (local.set $x)
    (i64.mul_wide_s (local.get $x) (local.get $y))
    (local.set $y) (local.set $x)
    (i64.mul_wide_u (local.get $x) (local.get $y))
    (i64.xor))
  (func (export "run") (param $n i32) (result i32)
    (drop (call $wide (i64.const -5) (i64.const 0x8765432112345678)))
    (drop (call $delegated (local.get $n)))
    (drop (try (result i32) (do (call $again (local.get $n))) (catch_all (i32.const 9))))
    (drop (memory.grow (i32.const 4)))
    (i32.store8 (i32.const 6) (memory.size))
    (drop (memory.grow (i32.const 3)))
    (i32.load (i32.const 4))))`;

const runOf = (text: string): (() => ModuleRun) => {
  let module: ReturnType<Engine["compile"]> | undefined;
  const calls: ModuleRun["options"]["calls"] = (instance) => [{ func: instance.getFunc("run"), args: [6] }];
  return () => {
    module ??= new Engine().compile(assemble(text));
    return new ModuleRun({ module, fuel: 1_000_000, calls });
  };
};

export const STEP_PROGRAMS: Readonly<Record<string, () => ModuleRun>> = {
  "with a call of the host's": () => mixer({ n: 3 }),
  "with objects, exceptions, vectors, bulk work and a trap": runOf(WHOLE),
  "with relaxed truncations": runOf(RELAXED_TRUNCATIONS),
};

/** Features that the official suite's core/ has no file of. */
export const NOT_IN_CORE: ReadonlySet<string> = new Set([
  "threads",
  "legacy-exceptions",
  "wide-arithmetic",
  "custom-page-sizes",
]);
/** All of their instructions. They are long: what is tampered with is proofs of the others. */
export const NOT_IN_CORE_PROGRAMS = [runOf(ATOMICS), runOf(WIDE_AND_LEGACY)];

/** Proves and checks every step of a run. */
export async function everyStep(make: () => ModuleRun): Promise<StepProof[]> {
  const whole = make();
  await whole.runTo(2 ** 40);
  const { calls } = whole.linker;
  const run = make();
  await run.runTo(0);
  const hasher = new StateHasher();
  const proofs: StepProof[] = [];
  while (run.underWay !== null) {
    const proof = JSON.parse(JSON.stringify(await proveStepAt(run, run.fuelUsed, { calls, hasher }))) as StepProof;
    const { after } = checkStep(proof);
    if (after !== run.stateHash()) throw new Error(`${proof.step.instruction}: the engine has another state`);
    proofs.push(proof);
  }
  return proofs;
}
