// Random modules about legacy exceptions: nested try, catch, catch_all, delegate and rethrow, with
// exceptions thrown at random moments through several frames. Every step is logged through an
// import, so that two engines that catch an exception in different places cannot agree.
//
// Conventions: a statement leaves the operand stack as it finds it. Function i calls only functions
// above i, and loops count to three: every call ends.

import { OP, type OpcodeName } from "../../../decoder/opcodes.js";
import { EXTERNREF, F64, I32, I64 } from "../../../decoder/types.js";
import { type Bytes, flatten, leb, moduleBytes, name, opcodeBytes, section, sleb, vec } from "./module-bytes.js";
import { Random } from "./random.js";
import { typeCode } from "./random-code.js";

const EMPTY = 0x40;
const FUNCTIONS = 5;
// typeidx, in the order of the type section
const LOG = 0;
const FUNC = 1;
const I64_TAG = 2;
const MIXED_TAG = 3;
const TAG_TYPES = [[], [I64], [I32, EXTERNREF, F64, I32]];
// funcidx: the import, then the functions. Their exports take the state of the generator below.
const FIRST = 1;
/** Global whose bits decide what happens. */
const STATE = 0;
const COUNTER = 1;

class LegacyCode {
  readonly bytes: Bytes[] = [];
  /** Blocks around, innermost last. */
  private readonly blocks: ("block" | "loop" | "try" | "catch")[] = ["block"];
  private left: number;

  constructor(
    private readonly random: Random,
    private readonly index: number,
  ) {
    this.left = 10 + random.below(40);
  }

  generate(): Bytes {
    this.statements();
    this.emit("i32.const", 7);
    this.emit("end");
    return this.bytes;
  }

  private emit(opcode: OpcodeName, ...immediates: Bytes[]): void {
    this.bytes.push(opcodeBytes(OP[opcode]), immediates);
  }
  private log(): void {
    this.emit("i32.const", sleb(this.random.below(1_000_000)));
    this.emit("call", 0);
  }
  /** Pushes 1 in one of `times` cases. */
  private chance(times: number): void {
    this.emit("global.get", STATE);
    this.emit("i32.const", sleb(1_103_515_245));
    this.emit("i32.mul");
    this.emit("i32.const", sleb(12_345));
    this.emit("i32.add");
    this.emit("global.set", STATE);
    this.emit("global.get", STATE);
    this.emit("i32.const", 16);
    this.emit("i32.shr_u");
    this.emit("i32.const", sleb(times));
    this.emit("i32.rem_u");
    this.emit("i32.eqz");
  }

  private statements(): void {
    for (let i = 1 + this.random.below(4); i > 0; i--) this.statement();
  }

  private statement(): void {
    this.log();
    if (this.left-- < 0 || this.blocks.length > 7) return;
    switch (this.random.below(12)) {
      case 0:
      case 1:
        this.maybe(() => this.throw());
        break;
      case 2:
      case 3:
        if (this.index + 1 < FUNCTIONS) {
          this.emit("call", leb(FIRST + this.index + 1 + this.random.below(FUNCTIONS - this.index - 1)));
          this.emit("call", 0);
        }
        break;
      case 4:
        this.rethrow();
        break;
      case 5:
        this.block();
        break;
      case 6:
        this.maybe(() => this.branch());
        break;
      case 7:
        this.loop();
        break;
      default:
        this.try();
    }
  }

  private maybe(body: () => void): void {
    this.chance(2 + this.random.below(4));
    this.emit("if", EMPTY);
    this.blocks.push("block");
    body();
    this.blocks.pop();
    this.emit("end");
  }

  private throw(): void {
    const tag = this.random.below(TAG_TYPES.length);
    for (const type of TAG_TYPES[tag]!) {
      if (type === I32) this.emit("global.get", STATE);
      else if (type === I64) this.emit("i64.const", sleb(BigInt.asIntN(64, this.random.bits(64))));
      else if (type === F64) this.emit("f64.const", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
      else this.emit("ref.null", 0x6f);
    }
    this.emit("throw", leb(tag));
  }

  private rethrow(): void {
    const around = this.blocks.flatMap((kind, i) => (kind === "catch" ? [this.blocks.length - i] : []));
    if (around.length === 0) return;
    const label = leb(this.random.pick(around));
    this.maybe(() => this.emit("rethrow", label));
  }

  private branch(): void {
    // The label of the function's body wants its result.
    const label = this.random.below(this.blocks.length);
    if (label === this.blocks.length - 1) this.emit("i32.const", sleb(this.random.below(100)));
    else if (this.blocks.at(-1 - label) === "loop") return;
    this.emit("br", leb(label));
  }

  private enter(kind: "block" | "loop" | "try", body: () => void): void {
    this.blocks.push(kind);
    body();
    this.blocks.pop();
  }

  private block(): void {
    this.emit("block", EMPTY);
    this.enter("block", () => this.statements());
    this.emit("end");
  }

  private loop(): void {
    this.emit("i32.const", 0);
    this.emit("global.set", COUNTER);
    this.emit("loop", EMPTY);
    this.enter("loop", () => this.statements());
    this.emit("global.get", COUNTER);
    this.emit("i32.const", 1);
    this.emit("i32.add");
    this.emit("global.set", COUNTER);
    this.emit("global.get", COUNTER);
    this.emit("i32.const", 3);
    this.emit("i32.lt_u");
    this.emit("br_if", 0);
    this.emit("end");
  }

  private try(): void {
    // Something may lie under the block, and the block may leave something.
    const under = this.random.below(3) === 0;
    if (under) this.emit("i64.const", 42);
    // Labels of blocks with results are not branched to: their values would be missing.
    this.emit("try", EMPTY);
    this.enter("try", () => this.statements());
    if (this.random.below(4) === 0) this.emit("delegate", leb(this.random.below(this.blocks.length)));
    else {
      for (let i = this.random.below(3); i > 0; i--) this.catch();
      if (this.random.below(3) === 0) {
        this.emit("catch_all");
        this.handler([]);
      }
      this.emit("end");
    }
    if (under) this.emit("drop");
    this.valueTry();
  }

  private catch(): void {
    const tag = this.random.below(TAG_TYPES.length);
    this.emit("catch", leb(tag));
    this.handler(TAG_TYPES[tag]!);
  }

  /** Logs the values that came, above what the handler does. */
  private handler(types: readonly number[]): void {
    this.blocks.push("catch");
    if (this.random.below(2) === 0) this.statements();
    for (const type of [...types].reverse()) {
      if (type === I32) this.emit("call", 0);
      else if (type === I64) {
        this.emit("i32.wrap_i64");
        this.emit("call", 0);
      } else if (type === F64) {
        this.emit("i32.trunc_f64_s");
        this.emit("call", 0);
      } else {
        this.emit("ref.is_null");
        this.emit("call", 0);
      }
    }
    this.statements();
    if (this.random.below(2) === 0) this.rethrow();
    this.blocks.pop();
  }

  /** A try with a result, which it leaves by its end, by its handler's end, or by a branch. */
  private valueTry(): void {
    if (this.random.below(2) === 0) return;
    this.emit("try", 0x7f);
    this.maybe(() => this.throw());
    this.emit("i32.const", sleb(this.random.below(100)));
    if (this.random.below(3) === 0) {
      this.emit("i32.const", sleb(this.random.below(100)));
      this.chance(2);
      this.emit("br_if", 0);
      this.emit("drop");
    }
    this.emit("catch", 1);
    this.emit("i32.wrap_i64");
    if (this.random.below(2) === 0) {
      this.chance(2);
      this.emit("br_if", 0);
    }
    this.emit("catch_all");
    this.emit("i32.const", sleb(this.random.below(100)));
    if (this.random.below(2) === 0) this.emit("br", 0);
    this.emit("end");
    this.emit("call", 0);
  }
}

/** A module of several functions `f0` …, each from an i32 that seeds what happens to an i32. */
export function randomLegacyModule(seed: number): Uint8Array {
  const random = new Random(seed * 6151 + 5);
  const codes = (types: readonly number[]) => vec(types.map(typeCode));
  const signature = (params: readonly number[], results: readonly number[]) => [0x60, codes(params), codes(results)];
  const bodies = Array.from({ length: FUNCTIONS }, (_, i) => body(new LegacyCode(random, i).generate()));
  const starts = bodies.map((_, i) =>
    body([[0x20, 0, 0x24, STATE], [0x41, 0, 0x24, COUNTER], [0x10, leb(FIRST + i)], 0x0b]),
  );
  return moduleBytes(
    section(
      1,
      vec([
        signature([I32], []),
        signature([], [I32]),
        signature(TAG_TYPES[1]!, []),
        signature(TAG_TYPES[2]!, []),
        signature([I32], [I32]),
        signature([], []),
      ]),
    ),
    section(2, vec([[name("host"), name("log"), 0, LOG]])),
    section(3, vec([...bodies.map(() => FUNC), ...starts.map(() => 4)])),
    section(13, vec([5, I64_TAG, MIXED_TAG].map((typeidx) => [0, typeidx]))),
    section(6, vec([STATE, COUNTER].map(() => [0x7f, 1, 0x41, 0, 0x0b]))),
    section(7, vec(starts.map((_, i) => [name(`f${i}`), 0, leb(FIRST + FUNCTIONS + i)]))),
    section(10, vec([...bodies, ...starts])),
  );
}

function body(code: Bytes): Bytes {
  const bytes = flatten([0, code]);
  return [leb(bytes.length), bytes];
}
