// Random programs on structs and arrays, each with a model that runs it on plain JavaScript
// objects: results, traps, fuel, and the bytes that the heap limit counts, computed from the
// instructions alone. The model shares nothing with the engine but the sizes that heap.ts documents.
import type { Random } from "./random.js";

/** An object of the model. `refs` are all its references, `numbers` its other fields or elements. */
class Obj {
  constructor(
    readonly kind: "n" | "m" | "b" | "w" | "r" | "a",
    readonly numbers: bigint[],
    readonly refs: Value[],
    readonly bytes: number,
  ) {}
  get length(): number {
    return Math.max(this.numbers.length, this.refs.length);
  }
}
/** A number (any type, as its signed value), an i31, an object or null. */
type Value = bigint | I31 | Obj | null;
class I31 {
  constructor(readonly value: bigint) {}
}

class ModelTrap extends Error {}

/** What a run has come to. */
export interface Outcome {
  readonly end: string;
  readonly fuel: number;
  readonly heapBytes: number;
  readonly log: readonly string[];
}

class Model {
  fuel = 0;
  readonly log: string[] = [];
  readonly frames: Map<string, Value>[] = [];
  /** Operands of all frames. */
  readonly operands: Value[] = [];
  heapBytes = 0;
  private liveBytes = 0;

  constructor(readonly limit: number) {}

  get locals(): Map<string, Value> {
    return this.frames[this.frames.length - 1]!;
  }

  /** The heap has room, after a trace if there was an eighth of the limit allocated since the last. */
  allocate(bytes: number): void {
    if (this.heapBytes + bytes > this.limit && this.heapBytes - this.liveBytes >= this.limit / 8) {
      this.liveBytes = this.reachable();
      this.heapBytes = this.liveBytes;
    }
    if (this.heapBytes + bytes > this.limit) throw new ModelTrap("GC heap limit");
    this.heapBytes += bytes;
  }

  reachable(): number {
    const seen = new Set<Obj>();
    const pending: Value[] = [...this.operands];
    for (const frame of this.frames) pending.push(...frame.values());
    let bytes = 0;
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (!(value instanceof Obj) || seen.has(value)) continue;
      seen.add(value);
      bytes += value.bytes;
      for (const ref of value.refs) pending.push(ref);
    }
    return bytes;
  }

  /** Evaluates operands from left to right; they are on the stack until `then` has been done. */
  with<T>(nodes: readonly Node[], then: (...values: Value[]) => T): T {
    for (const node of nodes) this.operands.push(node.run(this));
    const from = this.operands.length - nodes.length;
    const result = then(...this.operands.slice(from));
    this.operands.length = from;
    return result;
  }
}

/** Code and what it does. `run` gives the value, if it has one, and counts its fuel. */
interface Node {
  readonly wat: string;
  readonly run: (model: Model) => Value;
}

const number = (value: Value): bigint => value as bigint;
const i32 = (value: bigint): bigint => BigInt.asIntN(32, value);

function object(value: Value, what: string): Obj {
  if (value === null) throw new ModelTrap(`null ${what} reference`);
  return value as Obj;
}
function inBounds(array: Obj, index: bigint, count = 1n): number {
  const at = BigInt.asUintN(32, index);
  if (at + count > BigInt(array.length)) throw new ModelTrap("out of bounds array access");
  return Number(at);
}

// Sizes as heap.ts has them.
const structBytes = (cells: number) => 96 + 8 * cells;
const refArrayBytes = (length: number) => 96 + 8 * length;
const numberArrayBytes = (width: number, length: number) => 256 + Math.ceil((width * length) / 8) * 8;
/** One unit of fuel for each started 64 bytes. */
const price = (bytes: number) => Math.ceil(bytes / 64);

const N_SIZE = 1 + 2 + 4 + 8 + 8 + 8 + 8;
const N_CELLS = 1 + 1 + 1 + 2 + 2 + 1 + 1;

const TYPES = `
  (rec
    (type $n (sub (struct (field (mut i8)) (field (mut i16)) (field (mut i32)) (field (mut i64)) (field (mut f64))
      (field (mut (ref null $n))) (field (mut anyref)))))
    (type $m (sub final $n (struct (field (mut i8)) (field (mut i16)) (field (mut i32)) (field (mut i64))
      (field (mut f64)) (field (mut (ref null $n))) (field (mut anyref)) (field (mut i32))))))
  (type $b (array (mut i8)))
  (type $w (array (mut i64)))
  (type $r (array (mut (ref null $n))))
  (type $a (array (mut anyref)))`;

/** Reference locals of every function, by type. */
const LOCALS = { n: ["n0", "n1", "n2"], r: ["r0", "r1"], a: ["a0"], b: ["b0"], w: ["w0"] } as const;
const LOOP_DEPTH = 2;
/** Longer programs are given up: their outcome is undefined. */
const LONGEST = 150_000;
class TooLong extends Error {}

export class GcProgram {
  readonly wat: string;
  private readonly functions: { body: Node[]; result: Node }[] = [];

  constructor(private readonly random: Random) {
    for (let i = 0; i < 3; i++) {
      this.functions.push({ body: this.statements(4 + this.below(5), 0), result: this.n(2) });
    }
    const locals = Object.entries(LOCALS)
      .flatMap(([type, names]) => names.map((name) => `(local $${name} (ref null $${type}))`))
      .join(" ");
    const counters = Array.from({ length: LOOP_DEPTH }, (_, i) => `(local $i${i} i32)`).join(" ");
    // Some functions need more slots than fit the narrow form of register code.
    const padding = this.below(3) === 0 ? `(local ${"i64 ".repeat(300)})` : "";
    const functions = this.functions.map(
      ({ body, result }, i) => `
  (func $f${i} (export "f${i}") (param $p (ref null $n)) (param $d i32) (result (ref null $n))
    ${padding} ${locals} ${counters}
    ${body.map((node) => node.wat).join("\n    ")}
    ${result.wat})`,
    );
    this.wat = `(module ${TYPES}
  (import "h" "log" (func $log (param i64)))
  ${functions.join("")}
  (func (export "main") (drop (call $f0 (ref.null $n) (i32.const 3)))))`;
  }

  /** What a call of main comes to, with at most `limit` bytes on the heap. */
  run(limit: number): Outcome | undefined {
    const model = new Model(limit);
    let end = "done";
    try {
      // main: its entry, ref.null, i32.const, call.
      model.fuel += 4;
      model.frames.push(new Map());
      this.call(model, 0, null, 3n);
    } catch (error) {
      if (error instanceof TooLong) return undefined;
      if (!(error instanceof ModelTrap)) throw error;
      end = error.message;
    }
    return { end, fuel: model.fuel, heapBytes: model.heapBytes, log: model.log };
  }

  private call(model: Model, index: number, argument: Value, depth: bigint): Value {
    const { body, result } = this.functions[index]!;
    model.fuel++;
    if (model.fuel > LONGEST) throw new TooLong();
    const frame = new Map<string, Value>([
      ["p", argument],
      ["d", depth],
    ]);
    for (const names of Object.values(LOCALS)) for (const name of names) frame.set(name, null);
    for (let i = 0; i < LOOP_DEPTH; i++) frame.set(`i${i}`, 0n);
    model.frames.push(frame);
    for (const node of body) node.run(model);
    const value = result.run(model);
    model.frames.pop();
    return value;
  }

  // ---- Choices ----

  private below(n: number): number {
    return this.random.below(n);
  }
  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** An instruction of price 1 on operands: what it does with their values. */
  private op(name: string, operands: readonly Node[], does: (model: Model, ...values: Value[]) => Value): Node {
    return {
      wat: `(${[name, ...operands.map((node) => node.wat)].join(" ")})`,
      run: (model) =>
        model.with(operands, (...values) => {
          model.fuel++;
          return does(model, ...values);
        }),
    };
  }

  // ---- Numbers ----

  private i32Const(value: number): Node {
    return this.op(`i32.const ${value}`, [], () => BigInt(value));
  }

  private i(depth: number): Node {
    if (depth === 0) return this.pick([() => this.i32Const(this.below(9) - 3), () => this.local("i0")])();
    const next = depth - 1;
    return this.pick([
      () => this.i32Const(this.pick([0, 1, -1, 127, 128, 255, 32768, -2147483648, 1073741824])),
      () => this.op("i32.add", [this.i(next), this.i(next)], (_, a, b) => i32(number(a) + number(b))),
      () =>
        this.op("struct.get_s $n 0", [this.safeN(next)], (_, o) =>
          BigInt.asIntN(8, object(o, "structure").numbers[0]!),
        ),
      () =>
        this.op("struct.get_u $n 1", [this.safeN(next)], (_, o) =>
          BigInt.asUintN(16, object(o, "structure").numbers[1]!),
        ),
      () => this.op("struct.get $n 2", [this.safeN(next)], (_, o) => object(o, "structure").numbers[2]!),
      () => this.op("array.len", [this.r(next)], (_, o) => BigInt(object(o, "array").length)),
      () => this.elementOf("b", "array.get_u $b", next, (value) => BigInt.asUintN(8, value)),
      () => this.elementOf("b", "array.get_s $b", next, (value) => BigInt.asIntN(8, value)),
      () => this.op("ref.test (ref $m)", [this.any(next)], (_, o) => (o instanceof Obj && o.kind === "m" ? 1n : 0n)),
      () =>
        this.op("ref.test (ref null $n)", [this.any(next)], (_, o) =>
          o === null || (o instanceof Obj && (o.kind === "n" || o.kind === "m")) ? 1n : 0n,
        ),
      () => this.op("ref.test i31ref", [this.any(next)], (_, o) => (o === null || o instanceof I31 ? 1n : 0n)),
      () =>
        this.op("ref.test (ref array)", [this.any(next)], (_, o) =>
          o instanceof Obj && /[bwra]/.test(o.kind) ? 1n : 0n,
        ),
      () => this.op("ref.eq", [this.n(next), this.n(next)], (_, a, b) => (a === b ? 1n : 0n)),
      () => this.i31(next),
    ])();
  }

  /** The value of an i31 that was just made. */
  private i31(depth: number): Node {
    const signed = this.below(2) === 0;
    const made = this.op("ref.i31", [this.i(depth)], (_, v) => new I31(BigInt.asIntN(31, number(v))));
    return this.op(signed ? "i31.get_s" : "i31.get_u", [made], (_, v) => {
      const { value } = v as I31;
      return signed ? value : BigInt.asUintN(31, value);
    });
  }

  private l(depth: number): Node {
    const value = this.pick([0n, -1n, 2n ** 40n + 5n, -(2n ** 63n)]);
    if (depth === 0) return this.op(`i64.const ${value}`, [], () => value);
    return this.pick([
      () => this.op("struct.get $n 3", [this.safeN(depth - 1)], (_, o) => object(o, "structure").numbers[3]!),
      () => this.elementOf("w", "array.get $w", depth - 1, (v) => v),
      () => this.op("i64.extend_i32_s", [this.i(depth - 1)], (_, v) => v),
    ])();
  }

  private elementOf(type: "b" | "w", name: string, depth: number, convert: (value: bigint) => bigint): Node {
    return this.op(name, [this.array(type, depth), this.index()], (_, o, i) => {
      const array = object(o, "array");
      return convert(array.numbers[inBounds(array, number(i))]!);
    });
  }

  /** Mostly within the arrays that `length` makes. */
  private index(): Node {
    return this.i32Const(this.below(50) === 0 ? this.pick([-1, 100]) : this.below(4));
  }
  private length(): Node {
    return this.i32Const(this.below(40) === 0 ? this.below(4) : 4 + this.below(20));
  }

  // ---- References ----

  private local(name: string): Node {
    return this.op(`local.get $${name}`, [], (model) => model.locals.get(name)!);
  }

  /** (ref null $n) */
  private n(depth: number): Node {
    const name = this.pick([...LOCALS.n, "p"]);
    if (depth === 0) return this.below(5) === 0 ? this.op("ref.null $n", [], () => null) : this.local(name);
    const next = depth - 1;
    return this.pick([
      () => this.local(name),
      () => this.newStruct("n", next),
      () => this.newStruct("m", next),
      () => this.op("struct.new_default $n", [], (model) => this.make(model, "n", [0n, 0n, 0n, 0n, 0n], [null, null])),
      () => this.op("struct.get $n 5", [this.safeN(next)], (_, o) => object(o, "structure").refs[0]!),
      () =>
        this.op("array.get $r", [this.r(next), this.index()], (_, o, i) => {
          const array = object(o, "array");
          return array.refs[inBounds(array, number(i))]!;
        }),
      () => this.called(next),
      () => this.castOrElse(next),
      () =>
        this.op("ref.cast (ref null $n)", [this.cast(next)], (_, o) => {
          if (o === null || (o instanceof Obj && (o.kind === "n" || o.kind === "m"))) return o;
          throw new ModelTrap("cast failure");
        }),
    ])();
  }

  /** Anything, but mostly what the cast wants. */
  private cast(depth: number): Node {
    return this.below(10) === 0 ? this.any(depth) : this.n(depth);
  }

  /** The result of br_on_cast: the operand, if it is an $n, else another one. */
  private castOrElse(depth: number): Node {
    const operand = this.any(depth);
    const other = this.n(depth);
    return {
      wat: `(block $taken (result (ref null $n)) (drop (br_on_cast $taken anyref (ref $n) ${operand.wat})) ${other.wat})`,
      run: (model) => {
        const value = operand.run(model);
        model.fuel++;
        return value instanceof Obj && (value.kind === "n" || value.kind === "m") ? value : other.run(model);
      },
    };
  }

  /** An $n that is not null, but for a few. */
  private safeN(depth: number): Node {
    const operand = this.n(depth);
    if (this.below(60) === 0) return operand;
    const other = this.newStruct("n", 0);
    return {
      wat: `(block $ok (result (ref $n)) (br_on_non_null $ok ${operand.wat}) ${other.wat})`,
      run: (model) => {
        const value = operand.run(model);
        model.fuel++;
        return value ?? other.run(model);
      },
    };
  }

  private newStruct(kind: "n" | "m", depth: number): Node {
    const f64 = this.below(100) - 50;
    const fields = [
      this.i(depth),
      this.i(depth),
      this.i(depth),
      this.l(depth),
      this.op(`f64.const ${f64}`, [], () => BigInt(f64)),
      this.n(depth),
      this.any(depth),
    ];
    if (kind === "m") fields.push(this.i(depth));
    return this.op(`struct.new $${kind}`, fields, (model, ...values) => {
      const numbers = values.slice(0, 5).map(number);
      return this.make(model, kind, kind === "m" ? [...numbers, number(values[7]!)] : numbers, values.slice(5, 7));
    });
  }

  private make(model: Model, kind: "n" | "m", numbers: bigint[], refs: Value[]): Obj {
    const extra = kind === "m" ? 1 : 0;
    model.fuel += price(N_SIZE + 4 * extra);
    const bytes = structBytes(N_CELLS + extra);
    model.allocate(bytes);
    return new Obj(kind, numbers, refs, bytes);
  }

  /** A call of another function, if there is depth left. */
  private called(depth: number): Node {
    const index = this.below(3);
    const argument = this.n(depth);
    const other = this.n(0);
    return {
      wat: `(if (result (ref null $n)) (local.get $d)
      (then (call $f${index} ${argument.wat} (i32.sub (local.get $d) (i32.const 1)))) (else ${other.wat}))`,
      run: (model) => {
        // local.get, if
        model.fuel += 2;
        const left = number(model.locals.get("d")!);
        if (left === 0n) return other.run(model);
        const value = argument.run(model);
        // local.get, i32.const, i32.sub, call. The argument is the callee's from here on.
        model.fuel += 4;
        return this.call(model, index, value, left - 1n);
      },
    };
  }

  private any(depth: number): Node {
    if (depth === 0) return this.below(3) === 0 ? this.op("ref.null any", [], () => null) : this.n(0);
    const next = depth - 1;
    return this.pick([
      () => this.n(next),
      () => this.r(next),
      () => this.array("b", next),
      () => this.op("ref.i31", [this.i(next)], (_, v) => new I31(BigInt.asIntN(31, number(v)))),
      () => this.op("struct.get $n 6", [this.safeN(next)], (_, o) => object(o, "structure").refs[1]!),
      () => this.op("any.convert_extern", [this.op("extern.convert_any", [this.any(next)], (_, o) => o)], (_, o) => o),
      () =>
        this.op("array.get $a", [this.array("a", next), this.index()], (_, o, i) => {
          const array = object(o, "array");
          return array.refs[inBounds(array, number(i))]!;
        }),
    ])();
  }

  private r(depth: number): Node {
    if (depth > 0 && this.below(3) === 0) {
      const elements = [this.n(0), this.n(depth - 1), this.n(0), this.n(depth - 1)];
      return this.op("array.new_fixed $r 4", elements, (model, ...refs) => this.makeFixed(model, refs));
    }
    return this.array("r", depth);
  }

  private makeFixed(model: Model, refs: Value[]): Obj {
    model.fuel += price(8 * refs.length);
    const bytes = refArrayBytes(refs.length);
    model.allocate(bytes);
    return new Obj("r", [], refs, bytes);
  }

  private array(type: "b" | "w" | "r" | "a", depth: number): Node {
    const name = this.pick(LOCALS[type]);
    if (depth === 0 || this.below(3) > 0) {
      // The local, or a new array if it is null.
      const made = this.newArray(type, 0);
      return {
        wat: `(block $ok (result (ref $${type})) (br_on_non_null $ok (local.get $${name})) ${made.wat})`,
        run: (model) => {
          model.fuel += 2;
          return model.locals.get(name) ?? made.run(model);
        },
      };
    }
    return this.newArray(type, depth - 1);
  }

  private newArray(type: "b" | "w" | "r" | "a", depth: number): Node {
    const init = { b: () => this.i(depth), w: () => this.l(depth), r: () => this.n(depth), a: () => this.any(depth) };
    if (this.below(3) === 0) {
      return this.op(`array.new_default $${type}`, [this.length()], (model, n) =>
        this.makeArray(model, type, type === "b" || type === "w" ? 0n : null, number(n)),
      );
    }
    return this.op(`array.new $${type}`, [init[type](), this.length()], (model, value, n) =>
      this.makeArray(model, type, value!, number(n)),
    );
  }

  private makeArray(model: Model, type: "b" | "w" | "r" | "a", value: Value, length: bigint): Obj {
    const n = Number(length);
    const isRefs = type === "r" || type === "a";
    const width = type === "b" ? 1 : 8;
    const bytes = isRefs ? refArrayBytes(n) : numberArrayBytes(width, n);
    if (bytes > model.limit) throw new ModelTrap("GC heap limit");
    model.fuel += price(width * n);
    model.allocate(bytes);
    if (isRefs) return new Obj(type, [], new Array<Value>(n).fill(value), bytes);
    return new Obj(type, new Array<bigint>(n).fill(number(value)), [], bytes);
  }

  // ---- Statements ----

  private statements(count: number, loops: number): Node[] {
    return Array.from({ length: count }, () => this.statement(loops));
  }

  private statement(loops: number): Node {
    const depth = 1 + this.below(2);
    return this.pick([
      () => this.assign(depth),
      () => this.assign(depth),
      () => this.setField(depth),
      () => this.setField(depth),
      () => this.setElement(depth),
      () => this.bulk(depth),
      () => this.say(depth),
      () => this.say(depth),
      () => (loops < LOOP_DEPTH ? this.loop(loops) : this.say(depth)),
    ])();
  }

  private assign(depth: number): Node {
    const type = this.pick(["n", "n", "n", "r", "a", "b", "w"] as const);
    const name = this.pick(LOCALS[type]);
    const value = type === "n" ? this.n(depth) : type === "r" ? this.r(depth) : this.newArray(type, depth);
    return this.op(`local.set $${name}`, [value], (model, v) => {
      model.locals.set(name, v!);
      return null;
    });
  }

  private setField(depth: number): Node {
    const field = this.below(6);
    const value = [this.i, this.i, this.i, this.l, this.n, this.any][field]!.call(this, depth);
    const index = field < 4 ? field : field + 1;
    return this.op(`struct.set $n ${index}`, [this.safeN(depth), value], (_, o, v) => {
      const { numbers, refs } = object(o, "structure");
      if (field < 4) numbers[field] = number(v);
      else refs[field - 4] = v!;
      return null;
    });
  }

  private setElement(depth: number): Node {
    const type = this.pick(["r", "a", "b", "w"] as const);
    const value = { r: this.n, a: this.any, b: this.i, w: this.l }[type].call(this, depth);
    return this.op(`array.set $${type}`, [this.array(type, depth), this.index(), value], (_, o, i, v) => {
      const array = object(o, "array");
      const at = inBounds(array, number(i));
      if (type === "r" || type === "a") array.refs[at] = v!;
      else array.numbers[at] = number(v);
      return null;
    });
  }

  private bulk(depth: number): Node {
    const type = this.pick(["r", "b", "w"] as const);
    const width = type === "b" ? 1 : 8;
    const count = this.i32Const(this.below(6));
    const list = (o: Obj): Value[] => (type === "r" ? o.refs : o.numbers);
    if (this.below(2) === 0) {
      const value = { r: this.n, b: this.i, w: this.l }[type].call(this, depth);
      const operands = [this.array(type, depth), this.index(), value, count];
      return this.op(`array.fill $${type}`, operands, (model, o, i, v, n) => {
        const array = object(o, "array");
        const at = inBounds(array, number(i), number(n));
        model.fuel += price(width * Number(n));
        list(array).fill(v!, at, at + Number(n));
        return null;
      });
    }
    const operands = [this.array(type, depth), this.index(), this.array(type, depth), this.index(), count];
    return this.op(`array.copy $${type} $${type}`, operands, (model, o, i, p, j, n) => {
      const [to, from] = [object(o, "array"), object(p, "array")];
      const at = inBounds(to, number(i), number(n));
      const source = list(from)
        .slice(inBounds(from, number(j), number(n)))
        .slice(0, Number(n));
      model.fuel += price(width * Number(n));
      list(to).splice(at, source.length, ...source);
      return null;
    });
  }

  private say(depth: number): Node {
    const value = this.below(2) === 0 ? this.l(depth) : this.op("i64.extend_i32_s", [this.i(depth)], (_, v) => v);
    return this.op("call $log", [value], (model, v) => {
      model.log.push(String(v));
      return null;
    });
  }

  private loop(loops: number): Node {
    const times = 1 + this.below(5);
    const body = this.statements(1 + this.below(4), loops + 1);
    const counter = `$i${loops}`;
    return {
      wat: `(local.set ${counter} (i32.const ${times}))
    (loop $l ${body.map((node) => node.wat).join("\n      ")}
      (br_if $l (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1)))))`,
      run: (model) => {
        model.fuel += 2;
        for (let i = times; i > 0; i--) {
          model.locals.set(`i${loops}`, BigInt(i));
          for (const node of body) node.run(model);
          model.fuel += 5;
        }
        model.locals.set(`i${loops}`, 0n);
        return null;
      },
    };
  }
}
