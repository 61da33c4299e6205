// Random programs of the shapes that compilers write, as text: loops that begin or end with their test, ifs, jump
// tables, calls of every kind, try_table, bulk operations, accesses, globals. They end by themselves: loops count
// down, and functions call only those behind them. What random-code.ts writes has other shapes: odd stacks.
import { Random } from "./random.js";

export interface ProgramShape {
  /** Locals in front of the ones that code uses: from 256 on only the wide forms of operations can name them. */
  readonly padding?: number;
  /** Statements of a function, about; 4 by default. */
  readonly size?: number;
}

const LOCALS = 5;
const COUNTERS = 4;
const FUNCS = 4;
const ADDRESSES = 256;

/** The text of a module that exports `main`, of two i32 to one. */
export function randomProgram(seed: number, shape: ProgramShape = {}): string {
  const random = new Random(seed * 104729 + 7);
  const funcs = Array.from({ length: FUNCS }, (_, i) => new ProgramFunction(random, i, shape).text());
  return `(module
  (type $f (func (param i32 i32) (result i32)))
  (import "h" "log" (func $log (param i32) (result i32)))
  (memory 1 3) (table $t ${FUNCS + 2} 12 funcref) (elem (table $t) (i32.const 0) func ${names()})
  (elem $spare func ${names()})
  (data $bytes "0123456789abcdef")
  (tag $plain) (tag $value (param i32))
  (global $g (mut i32) (i32.const 7)) (global $h (mut i64) (i64.const 9))
  ${funcs.join("\n")})`;
}

function names(): string {
  return Array.from({ length: FUNCS }, (_, i) => `$f${i}`).join(" ");
}

class ProgramFunction {
  private counters = 0;
  private labels = 0;
  /** Labels without values that may be branched to; loops among them are left by their counters. */
  private readonly targets: string[] = [];

  constructor(
    private readonly random: Random,
    private readonly index: number,
    private readonly shape: ProgramShape,
  ) {}

  text(): string {
    const { random, index } = this;
    const body = this.statements(2 + random.below(this.shape.size ?? 4), 3);
    const locals = Array.from({ length: LOCALS }, (_, i) => `(local $v${i} i32)`).join(" ");
    const counters = Array.from({ length: COUNTERS }, (_, i) => `(local $n${i} i32)`).join(" ");
    const padding = this.shape.padding ? `(local ${"i32 ".repeat(this.shape.padding)})` : "";
    return `(func $f${index} ${index === 0 ? '(export "main")' : ""} (type $f) (param $p0 i32) (param $p1 i32) (result i32)
      ${padding} ${locals} ${counters} (local $l i64) (local $d f64) (local $e exnref)
      ${body} ${this.value(2)})`;
  }

  private chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }
  private label(): string {
    return `$b${this.labels++}`;
  }
  private local(): string {
    const { random } = this;
    return random.below(4) === 0 ? `$p${random.below(2)}` : `$v${random.below(LOCALS)}`;
  }
  private constant(): string {
    const { random } = this;
    return `(i32.const ${random.pick([0, 1, 2, 3, 5, 8, -1, random.below(1000), random.word() | 0])})`;
  }

  // ---- Values ----

  /** An i32. */
  private value(depth: number): string {
    const { random } = this;
    if (depth === 0) return this.chance(60) ? `(local.get ${this.local()})` : this.constant();
    const next = () => this.value(depth - 1);
    switch (random.below(14)) {
      case 0:
      case 1:
      case 2: {
        const op = random.pick(["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s", "rotl"]);
        return `(i32.${op} ${next()} ${next()})`;
      }
      case 3:
        // Traps now and then.
        return `(i32.${random.pick(["div_s", "rem_u"])} ${next()} (i32.or ${next()} (i32.const ${random.below(8) === 0 ? 0 : 1})))`;
      case 4:
        return this.test();
      case 5:
        return `(i32.${random.pick(["load", "load8_u", "load16_s"])} ${this.address()})`;
      case 6:
        return `(select ${next()} ${next()} ${this.test()})`;
      case 7:
        return `(local.tee ${this.local()} ${next()})`;
      case 8:
        return `(i32.add (i32.shl ${next()} (i32.const 2)) ${next()})`;
      case 9:
        return this.chance(50) ? "(global.get $g)" : "(i32.wrap_i64 (global.get $h))";
      case 10:
        return `(i32.trunc_sat_f64_s (f64.add (f64.convert_i32_s ${next()}) (local.get $d)))`;
      case 11:
        return this.chance(50) ? this.call() : next();
      case 12:
        return `(if (result i32) ${this.test()} (then ${next()}) (else ${next()}))`;
      default:
        return next();
    }
  }

  /** A condition, of each of the forms that branches fuse with. */
  private test(): string {
    const { random } = this;
    const compare = random.pick(["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"]);
    const [a, b] = [this.value(0), this.value(0)];
    switch (random.below(8)) {
      case 0:
        return `(i32.eqz ${a})`;
      case 1:
        return `(i32.and ${a} (i32.const ${1 + random.below(7)}))`;
      case 2:
        return `(i64.eqz (i64.extend_i32_u ${a}))`;
      case 3:
        return `(f64.${random.pick(["lt", "ge", "eq", "ne"])} (f64.convert_i32_s ${a}) (local.get $d))`;
      case 4:
        return "(ref.is_null (local.get $e))";
      case 5:
        return `(i32.eqz (i32.${compare} ${a} ${b}))`;
      case 6:
        return `(i32.${compare} ${a} (i32.const ${random.below(5)}))`;
      default:
        return `(i32.${compare} ${a} ${b})`;
    }
  }

  private address(): string {
    // One in forty is out of bounds.
    if (this.chance(2)) return "(i32.const 300000)";
    return `(i32.and ${this.value(0)} (i32.const ${ADDRESSES - 1}))`;
  }

  private call(): string {
    const { index, random } = this;
    if (index === FUNCS - 1 || this.chance(10)) return `(call $log ${this.value(0)})`;
    const callee = index + 1 + random.below(FUNCS - 1 - index);
    const args = `${this.value(1)} ${this.value(0)}`;
    switch (random.below(4)) {
      case 0:
        // Null, another type or no element now and then.
        return `(call_indirect $t (type $f) ${args} (i32.const ${this.chance(3) ? FUNCS + random.below(3) : callee}))`;
      case 1:
        return `(call_ref $f ${args} (ref.func $f${callee}))`;
      default:
        return `(call $f${callee} ${args})`;
    }
  }

  // ---- Statements ----

  private statements(count: number, depth: number): string {
    return Array.from({ length: count }, () => this.statement(depth)).join("\n");
  }

  private statement(depth: number): string {
    const { random } = this;
    if (depth > 0 && this.chance(45)) return this.block(depth - 1);
    switch (random.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return `(local.set ${this.local()} ${this.value(2)})`;
      case 4:
        return `(i32.${random.pick(["store", "store8", "store16"])} ${this.address()} ${this.value(1)})`;
      case 5:
        return `(global.set $g ${this.value(1)})`;
      case 6:
        return `(local.set $l (i64.add (local.get $l) (i64.extend_i32_s ${this.value(0)}))) (global.set $h (local.get $l))`;
      case 7:
        return `(local.set $d (f64.add (f64.mul (local.get $d) (f64.const 0.5)) (f64.convert_i32_s ${this.value(0)})))`;
      case 8:
        return this.bulk();
      case 9:
        return `(drop ${this.call()})`;
      case 10:
        if (this.targets.length === 0) return "(nop)";
        return `(br_if ${random.pick(this.targets)} ${this.test()})`;
      case 11:
        if (this.chance(70)) return `(local.set ${this.local()} (local.get ${this.local()}))`;
        return this.chance(50) ? `(if ${this.test()} (then ${this.leave()}))` : "(nop)";
      case 12:
        return `(local.set $v0 ${this.constant()}) (local.set $v1 ${this.constant()}) (local.set $v2 ${this.constant()})`;
      default:
        return `(drop ${this.value(1)})`;
    }
  }

  /** Leaves the function: returns, tail calls, throws. */
  private leave(): string {
    const { index, random } = this;
    const args = `${this.value(0)} ${this.value(0)}`;
    const callee = index + 1 + random.below(Math.max(1, FUNCS - 1 - index));
    switch (random.below(index === FUNCS - 1 ? 3 : 5)) {
      case 0:
        return `(return ${this.value(1)})`;
      case 1:
        return "(throw $plain)";
      case 2:
        return `(throw $value ${this.value(0)})`;
      case 3:
        return `(return_call $f${callee} ${args})`;
      default:
        return `(return_call_indirect $t (type $f) ${args} (i32.const ${callee}))`;
    }
  }

  private bulk(): string {
    const { random } = this;
    const [a, b] = [this.address(), this.address()];
    const n = `(i32.and ${this.value(0)} (i32.const ${random.pick([0, 3, 127, 255])}))`;
    const few = () => `(i32.const ${random.below(4)})`;
    switch (random.below(9)) {
      case 0:
      case 1:
        return `(memory.fill ${a} ${this.value(0)} ${n})`;
      case 2:
      case 3:
        return `(memory.copy ${a} ${b} ${n})`;
      case 4:
        return `(memory.init $bytes ${a} ${few()} (i32.const ${random.below(14)}))`;
      case 5:
        // 1,024 a page: seldom one.
        return `(local.set ${this.local()} (memory.grow (i32.const ${random.pick([0, 0, 0, 4, 4])})))`;
      case 6:
        return `(local.set ${this.local()} (table.grow $t (ref.null func) ${few()}))`;
      case 7:
        return `(table.fill $t (i32.const ${FUNCS}) (ref.func $f${random.below(FUNCS)}) (i32.const ${random.below(3)}))`;
      default:
        return this.chance(50)
          ? `(table.init $t $spare ${few()} (i32.const 0) (i32.const 0))`
          : `(table.copy $t $t ${few()} ${few()} (i32.const 1))`;
    }
  }

  // ---- Blocks ----

  private block(depth: number): string {
    const { random } = this;
    const inner = () => this.statements(1 + random.below(3), depth);
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.loop(depth);
      case 4:
        return `(if ${this.test()} (then ${inner()}) (else ${inner()}))`;
      case 5:
        return `(if ${this.test()} (then ${inner()}))`;
      case 6:
        return this.table(depth);
      case 7: {
        // A block with a value, that a branch may bring.
        const label = this.label();
        return `(local.set ${this.local()} (block ${label} (result i32)
          (drop (br_if ${label} ${this.value(1)} ${this.test()})) ${this.statements(1, depth)} ${this.value(1)}))`;
      }
      case 8:
        return this.tryTable(depth);
      default: {
        const label = this.label();
        this.targets.push(label);
        const text = `(block ${label} ${inner()})`;
        this.targets.pop();
        return text;
      }
    }
  }

  private table(depth: number): string {
    const labels = Array.from({ length: 2 + this.random.below(3) }, () => this.label());
    const others = this.targets.filter(() => this.chance(30));
    const index = this.chance(50)
      ? `(i32.load8_u ${this.address()})`
      : `(i32.sub (i32.and ${this.value(0)} (i32.const 7)) (i32.const ${this.random.below(3)}))`;
    const jump = `(br_table ${[...labels, ...others, labels[0]].join(" ")} ${index})`;
    return labels.reduce((text, label) => `(block ${label} ${text}) ${this.statements(1, depth)}`, jump);
  }

  /** A loop that a counter of its own ends, in one of the forms that compilers give it. */
  private loop(depth: number): string {
    if (this.counters === COUNTERS) return "(nop)";
    const { random } = this;
    const n = `$n${this.counters++}`;
    const [out, head] = [this.label(), this.label()];
    const start = `(local.set ${n} (i32.const ${1 + random.below(3)}))`;
    const down = `(local.set ${n} (i32.sub (local.get ${n}) (i32.const 1)))`;
    const isOver = random.pick([
      `(i32.eqz (local.get ${n}))`,
      `(i32.le_s (local.get ${n}) (i32.const 0))`,
      `(i32.lt_u (local.get ${n}) (i32.const 1))`,
      `(i64.eqz (i64.extend_i32_u (local.get ${n})))`,
      `(i32.eqz (i32.and (local.get ${n}) (i32.const 7)))`,
      `(f64.le (f64.convert_i32_s (local.get ${n})) (f64.const 0))`,
    ]);
    // Only the way out: going back without counting would not end.
    this.targets.push(out);
    const body = () => this.statements(1 + random.below(2), depth);
    let text: string;
    switch (random.below(6)) {
      case 0:
      case 1:
        text = `(block ${out} (loop ${head} (br_if ${out} ${isOver}) ${body()} ${down} (br ${head})))`;
        break;
      case 2:
        // Goes back from two places.
        text = `(block ${out} (loop ${head} (br_if ${out} ${isOver}) ${down} (br_if ${head} ${this.test()}) ${body()}
          (if ${this.test()} (then ${body()} (br ${head}))) ${body()} (br ${head})))`;
        break;
      case 3:
        text = `(block ${out} (loop ${head} (if (i32.eqz ${isOver}) (then ${body()} ${down} (br ${head})))))`;
        break;
      case 4:
        text = `(block ${out} (loop ${head} (if ${isOver} (then ${this.statements(1, 0)}) (else ${down} ${body()} (br ${head})))))`;
        break;
      default:
        text = `(block ${out} (loop ${head} ${body()} ${down} (br_if ${head} (i32.eqz ${isOver}))))`;
    }
    this.targets.pop();
    this.counters--;
    return `${start} ${text}`;
  }

  private tryTable(depth: number): string {
    const [value, plain, all] = [this.label(), this.label(), this.label()];
    const inner = `${this.statements(1 + this.random.below(2), depth)} ${this.chance(40) ? `(if ${this.test()} (then (throw $plain)))` : ""}
      ${this.chance(60) ? `(drop ${this.call()})` : ""}`;
    const rethrows = this.chance(20) ? "(throw_ref (local.get $e))" : "";
    return `(block ${plain} (local.set $e (block ${all} (result exnref) (local.set ${this.local()} (block ${value} (result i32)
      (try_table (catch $value ${value}) (catch $plain ${plain}) (catch_all_ref ${all}) ${inner})
      (br ${plain}))) (br ${plain}))) ${rethrows})`;
  }
}
