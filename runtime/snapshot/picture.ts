// The state of a store as plain data: what capture.ts takes, format.ts writes and reads, and
// restore.ts puts into a store. A picture shares nothing that changes with the store it came from.
//
// Conventions
//   instance, memory, table, global, tag   numbers of an Inventory
//   code       a reference: 0 null; 2n + 1 entry n of `refs`; 2n + 2 the i31 n − 2^30
//   words      two int32s for each slot, as in registers
import type { DecodedModule } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import type { StoreLimits } from "../limits.js";
import type { MemoryPicture } from "../store/memory-picture.js";
import type { HostRef } from "../store/refs.js";
import type { FuncPlace } from "./inventory.js";

export type RefCode = number;
const I31_OFFSET = 2 ** 30;
export const codeOfEntry = (entry: number): RefCode => 2 * entry + 1;
export const codeOfI31 = (value: number): RefCode => 2 * (value + I31_OFFSET) + 2;
/** Number of the entry, −1 if the code is not of one. */
export const entryOf = (code: RefCode): number => (code % 2 === 1 ? (code - 1) / 2 : -1);
/** Value of the i31; only for codes that are not 0 and not of an entry. */
export const i31Of = (code: RefCode): number => code / 2 - 1 - I31_OFFSET;

/** A type by an instance and a typeidx of its module: canonical ids differ between engines. */
export interface TypePlace {
  readonly instance: number;
  readonly typeidx: number;
}

/** What a reference refers to. */
export type RefEntry =
  | { readonly kind: "func"; readonly place: FuncPlace | string }
  /** A value of the host's; as bytes where the picture was read from some. */
  | { readonly kind: "host"; readonly value: HostRef | Uint8Array }
  | {
      readonly kind: "exception";
      readonly tag: number;
      readonly words: Int32Array;
      readonly refs: readonly RefCode[];
    }
  /** Cells as in StructInst, references as their codes. */
  | { readonly kind: "struct"; readonly type: TypePlace; readonly cells: readonly number[] }
  /** Elements as in ArrayInst, references as their codes. */
  | { readonly kind: "array"; readonly type: TypePlace; readonly elements: NumberElements | readonly RefCode[] };
export type NumberElements = Uint8Array | Uint16Array | Int32Array;

/** How an instruction is named: byte offset in the module, in the body of a defined function. */
export interface CodePlace {
  readonly instance: number;
  /** Index among the defined functions. */
  readonly func: number;
  readonly offset: number;
}

/** What is below a frame: where it returns to. `fp` is the frame base there, in words. */
export type FramePicture =
  /** The embedder. */
  | { readonly kind: "exit" }
  /** Into another instance; the frame below says where. */
  | { readonly kind: "leave"; readonly instance: number; readonly fp: number }
  /** Emscripten's `invoke_*`, called from the frame below. */
  | { readonly kind: "invoke"; readonly fp: number }
  /** `setThrew` after a longjmp: runs in the place of the `invoke_*` that it ended. */
  | { readonly kind: "setThrew"; readonly fp: number }
  /** A function that waits in the call at `at`. */
  | { readonly kind: "call"; readonly at: CodePlace; readonly fp: number };

/** Where an execution goes on. */
export type TopPicture =
  /** It has not begun: arguments are at word 0. */
  | { readonly kind: "start" }
  /** At the entry of a function, which is not paid yet. */
  | { readonly kind: "entry"; readonly instance: number; readonly func: number; readonly fp: number }
  /** Before an instruction. */
  | { readonly kind: "instruction"; readonly at: CodePlace; readonly fp: number }
  /** In a call of a host function, which is made anew. */
  | {
      readonly kind: "host";
      readonly func: RefCode;
      /** Word of the first argument. */
      readonly base: number;
      readonly fp: number;
      readonly caller:
        | { readonly kind: "embedder" }
        /** An instance in tail position, or through `invoke_*`. */
        | { readonly kind: "tail" | "invoke"; readonly instance: number }
        | { readonly kind: "call"; readonly at: CodePlace };
    };

export interface ExecutionPicture {
  /** The function that was started. */
  readonly func: RefCode;
  readonly fuelGranted: number;
  readonly fuelLeft: number;
  /** Registers from the bottom of the stack to its top. */
  readonly words: Int32Array;
  /** Pairs of slot and code, of the references that are still in use. */
  readonly refs: readonly number[];
  /** Outermost first. */
  readonly frames: readonly FramePicture[];
  readonly top: TopPicture;
}

export interface InstancePicture {
  /** The module, or the SHA-256 of its bytes where the picture was read from some. */
  readonly module: DecodedModule | Uint8Array;
  /** Per element segment: null once dropped; elements, if they are not the module's own functions. */
  readonly elems: readonly (readonly RefCode[] | "module" | null)[];
  /** Per data segment: whether it is still there. */
  readonly datas: readonly boolean[];
}

export interface Accounts {
  readonly memoryBytes: number;
  readonly peakMemoryBytes: number;
  readonly tableElements: number;
  readonly gcHeapBytes: number;
  readonly gcLiveBytes: number;
}

/** What never changes of a store's objects, and no module says: they may be the host's. */
export interface StoreBounds {
  /** Per memory: the largest size in pages, log2 of a page's bytes, whether addresses are i64, whether it is shared. */
  readonly memories: readonly (readonly [maxPages: number, pageSizeLog2: number, is64: boolean, shared: boolean])[];
  /** Per table: the largest number of elements, null if it declares none, and whether indices are i64. */
  readonly tables: readonly (readonly [max: number | null, is64: boolean])[];
  /** Per instance and imported function: where the function is found. */
  readonly imports: readonly (readonly (FuncPlace | string)[])[];
}

export interface StorePicture {
  readonly schedule: string;
  /** Of the store that the picture was taken of. */
  readonly limits: StoreLimits;
  readonly names: readonly string[];
  readonly shape: readonly number[];
  readonly accounts: Accounts;
  readonly instances: readonly InstancePicture[];
  /** Only where the picture was taken of a store: state hashes commit to it, snapshots do without. */
  readonly bounds?: StoreBounds;
  readonly memories: readonly MemoryPicture[];
  readonly tables: readonly (readonly RefCode[])[];
  readonly globals: readonly GlobalPicture[];
  readonly refs: readonly RefEntry[];
  readonly execution: ExecutionPicture | null;
}

/** @throws UsageError for anything else; what is in a picture is checked where it is used */
export function requirePicture(picture: StorePicture): void {
  if (!Array.isArray(picture?.memories) || !Array.isArray(picture.instances)) {
    throw new UsageError("a picture of a store is what captureStore gives, or decodeSnapshot(bytes).picture");
  }
}

export interface GlobalPicture {
  /** Two words for each slot. */
  readonly words: Int32Array;
  readonly ref: RefCode;
}
