// Constant expressions: spec 3.4.15 says which instructions there are, 4.5.4 evaluates them.
// They are not metered, since their number is bounded by the module's size; but some schedules price
// instantiation, and an ExprMeter counts what they do.
//
// Conventions
//   Operands are raw values: every number as its unsigned bits, in a bigint.

import { type ConstExpr, InstructionReader, OP, type OpcodeName } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import {
  arrayBytes,
  elementStorage,
  newArray,
  newStruct,
  StructInst,
  setElement,
  structLayout,
} from "../store/heap.js";
import type { RootSource, VisitRef, VisitRefs } from "../store/heap-trace.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { RawValue, Ref } from "../store/refs.js";
import { toBigUint } from "../values.js";
import type { ExprMeter } from "./instantiation-price.js";

const ARRAY_NEW_FIXED = OP["array.new_fixed"];

type Operation = (evaluator: ConstEvaluator, reader: InstructionReader) => void;

const binop32 = (compute: (a: bigint, b: bigint) => bigint) => binop(32, compute);
const binop64 = (compute: (a: bigint, b: bigint) => bigint) => binop(64, compute);
function binop(bits: number, compute: (a: bigint, b: bigint) => bigint): Operation {
  return (evaluator) => {
    const b = evaluator.popNumber();
    const a = evaluator.popNumber();
    evaluator.push(BigInt.asUintN(bits, compute(a, b)));
  };
}

/** Canonical id of the type that the instruction names. */
function typeId({ instance }: ConstEvaluator, reader: InstructionReader): number {
  return instance.module.types[reader.index]!;
}

/** Pops as many operands as there are fields, the last one first. */
function popFields(evaluator: ConstEvaluator, count: number): RawValue[] {
  const fields: RawValue[] = [];
  for (let i = 0; i < count; i++) fields.push(evaluator.pop());
  return fields.reverse();
}

/** Charges the heap for an array of the instruction's type, whose id it returns. */
function chargeArray(evaluator: ConstEvaluator, reader: InstructionReader, length: number): number {
  const { store } = evaluator.instance;
  const id = typeId(evaluator, reader);
  store.chargeHeap(arrayBytes(elementStorage(store.registry, id), length));
  if (reader.opcode !== ARRAY_NEW_FIXED) evaluator.meter?.array(length);
  return id;
}

const BY_NAME: Partial<Record<OpcodeName, Operation>> = {
  "i32.const": (evaluator, reader) => evaluator.push(BigInt(reader.lo >>> 0)),
  "i64.const": (evaluator, reader) => evaluator.push(toBigUint(reader.lo, reader.hi)),
  "f32.const": (evaluator, reader) => evaluator.push(BigInt(reader.lo >>> 0)),
  "f64.const": (evaluator, reader) => evaluator.push(toBigUint(reader.lo, reader.hi)),
  "v128.const": (evaluator, reader) => evaluator.push(littleEndian(reader.vector)),
  "i32.add": binop32((a, b) => a + b),
  "i32.sub": binop32((a, b) => a - b),
  "i32.mul": binop32((a, b) => a * b),
  "i64.add": binop64((a, b) => a + b),
  "i64.sub": binop64((a, b) => a - b),
  "i64.mul": binop64((a, b) => a * b),
  "global.get": (evaluator, reader) => evaluator.push(evaluator.instance.globals[reader.index]!.raw),
  "ref.null": (evaluator) => evaluator.push(null),
  "ref.func": (evaluator, reader) => evaluator.push(evaluator.instance.func(reader.index)),
  "ref.i31": (evaluator) => evaluator.push(Number(BigInt.asIntN(31, evaluator.popNumber()))),
  // A host value and its form in the any hierarchy are one reference.
  "any.convert_extern": () => {},
  "extern.convert_any": () => {},
  // The heap is charged while the operands are on the stack, where a trace sees them.
  "struct.new": (evaluator, reader) => {
    const { store } = evaluator.instance;
    const id = typeId(evaluator, reader);
    const { type, bytes } = structLayout(store.registry, id);
    store.chargeHeap(bytes);
    evaluator.push(newStruct(store.registry, id, popFields(evaluator, type.fields.length)));
  },
  "struct.new_default": (evaluator, reader) => {
    const { store } = evaluator.instance;
    const id = typeId(evaluator, reader);
    const { defaults, bytes } = structLayout(store.registry, id);
    store.chargeHeap(bytes);
    evaluator.push(new StructInst(id, defaults.slice()));
  },
  "array.new": (evaluator, reader) => {
    const length = Number(evaluator.popNumber());
    const id = chargeArray(evaluator, reader, length);
    evaluator.push(newArray(evaluator.instance.store.registry, id, length, evaluator.pop()));
  },
  "array.new_default": (evaluator, reader) => {
    const length = Number(evaluator.popNumber());
    const id = chargeArray(evaluator, reader, length);
    evaluator.push(newArray(evaluator.instance.store.registry, id, length));
  },
  "array.new_fixed": (evaluator, reader) => {
    const { registry } = evaluator.instance.store;
    const id = chargeArray(evaluator, reader, reader.index2);
    const elements = popFields(evaluator, reader.index2);
    const array = newArray(registry, id, elements.length);
    const storage = elementStorage(registry, id);
    elements.forEach((element, i) => {
      setElement(array, storage, i, element);
    });
    evaluator.push(array);
  },
  end: () => {},
};
const OPERATIONS: ReadonlyMap<number, Operation> = new Map(
  Object.entries(BY_NAME).map(([name, operation]) => [OP[name as OpcodeName], operation]),
);

/** Evaluates the constant expressions of one instance, whose functions and earlier globals are in place. */
export class ConstEvaluator implements RootSource {
  private readonly reader: InstructionReader;
  private readonly stack: RawValue[] = [];

  /** Values that have no place in the instance yet. */
  readonly kept: Ref[] = [];

  /** @param meter is told of every instruction */
  constructor(
    readonly instance: ModuleInstance,
    readonly meter: ExprMeter | null = null,
  ) {
    this.reader = new InstructionReader(instance.module.content.array, instance.module.types);
  }

  visitRoots(visit: VisitRef, visitAll: VisitRefs): void {
    for (const value of this.stack) if (typeof value !== "bigint") visit(value);
    visitAll(this.kept);
    this.instance.visitRoots(visit, visitAll);
  }

  /**
   * The value of a validated expression.
   * @throws MemoryLimitExceeded if the heap has no room for what it allocates
   */
  evaluate(expr: ConstExpr): RawValue {
    const reader = this.reader;
    this.instance.module.content.ensure(expr.start, expr.end);
    reader.begin(expr);
    this.stack.length = 0;
    this.meter?.begin(expr);
    while (reader.offset < reader.end) {
      reader.next();
      this.meter?.instruction(reader);
      const operation = OPERATIONS.get(reader.opcode);
      if (operation === undefined) throw new Crash(`opcode ${reader.opcode} in a constant expression`);
      operation(this, reader);
    }
    return this.pop();
  }

  /** An i32 or i64 expression as an unsigned number: exact below 2^53, rounded above. */
  evaluateAddress(expr: ConstExpr): number {
    return Number(this.evaluate(expr) as bigint);
  }

  push(value: RawValue): void {
    this.stack.push(value);
  }

  pop(): RawValue {
    const value = this.stack.pop();
    if (value === undefined) throw new Crash("operand stack of a constant expression is empty");
    return value;
  }

  popNumber(): bigint {
    return this.pop() as bigint;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}
