// The public face of the runtime: engines, modules, stores, instances and what runs them.

export {
  type DecodedModule,
  type DecodeLimits,
  type ErrorKind,
  EscapementError,
  type ExternKind,
  type FuncType,
  type GlobalType,
  InvalidError,
  MalformedError,
  type MemoryType,
  type TableType,
  type TrapMessage,
  TypeRegistry,
  type ValType,
} from "../decoder/index.js";
export { type Amount, readAmount } from "./amount.js";
export type { AheadModule } from "./compiler/ahead-code.js";
export { type Clock, DEFAULT_START, SeededRandom, type SleepClock, VirtualClock } from "./deterministic.js";
export { type AheadOptions, compileAhead } from "./embedding/compile-ahead.js";
export { type AheadFinder, type CompileOptions, Engine, type EngineOptions, type Tier } from "./embedding/engine.js";
export { type HostFunction, type HostFunctionOptions, hostFunc, hostFuncOfType } from "./embedding/host-func.js";
export { Instance } from "./embedding/instance.js";
export { Linker } from "./embedding/linker.js";
export { type ExportDescriptor, type ImportDescriptor, Module } from "./embedding/module.js";
export type { CallOptions } from "./embedding/run.js";
export { DEFAULT_FUEL, Store, type StoreOptions } from "./embedding/store.js";
export { LongjmpUnwind } from "./emscripten/invoke-frames.js";
export {
  type BacktraceFrame,
  Crash,
  FuelExhausted,
  HostError,
  LinkError,
  MemoryLimitExceeded,
  StackExhausted,
  Trap,
  UsageError,
} from "./errors.js";
export { DEFAULT_FUEL_SCHEDULE, FUEL_SCHEDULES, type FuelSchedule, type FuelScheduleName } from "./fuel-schedule.js";
export type { Caller } from "./interpreter/caller.js";
export { Execution } from "./interpreter/execution.js";
export { FuelPause, GuestCall, GuestException } from "./interpreter/host-signals.js";
export type { InspectedFrame, InspectedValue } from "./interpreter/inspection.js";
export type { RunResult } from "./interpreter/thread.js";
export { DEFAULT_LIMITS, type GivenLimits, MAX_LIMITS, REAL_BYTES_PER_HEAP_BYTE, type StoreLimits } from "./limits.js";
export { type ChargedThread, type ChargeListener, FuelMeter, type MeterNode } from "./lowering/fuel-meter.js";
export type { Sha256 } from "./sha256.js";
export { SnapshotBase } from "./snapshot/base.js";
export { type CaptureOptions, captureStore, giveBackPicture } from "./snapshot/capture.js";
export {
  type DecodedSnapshot,
  type DecodeOptions,
  decodeSnapshot,
  type EncodeOptions,
  encodeSnapshot,
  readSnapshotInfo,
  type SnapshotInfo,
} from "./snapshot/format.js";
export type { HostRefCodec } from "./snapshot/graph.js";
export { type HibernateOptions, hibernateStore } from "./snapshot/hibernate.js";
export type { SnapshotSubject } from "./snapshot/inventory.js";
export { hashMemory } from "./snapshot/memory-hash.js";
export type { StorePicture } from "./snapshot/picture.js";
export { type RestoreOptions, restoreStore } from "./snapshot/restore.js";
export { SnapshotError, type SnapshotProblem } from "./snapshot/snapshot-error.js";
export type { Value } from "./store/convert.js";
export { describeExtern, type ExternType, externKind, externType } from "./store/exports.js";
export { FuncInst as Func } from "./store/func.js";
export { GlobalInst as Global } from "./store/global.js";
export { ArrayInst, StructInst } from "./store/heap.js";
export { MemoryInst as Memory } from "./store/memory.js";
export type { PictureManner } from "./store/memory-picture.js";
export type { ExternInst as Extern } from "./store/module-instance.js";
export { ExnInst as ExceptionRef, HeapObject, HostRef, type RawValue, type Ref } from "./store/refs.js";
export { TableInst as Table } from "./store/table.js";
export { TagInst as Tag } from "./store/tag.js";
export type {
  FuncDescription,
  GlobalDescription,
  MemoryDescription,
  TableDescription,
  ValTypeName,
} from "./store/type-names.js";
export { UncaughtException } from "./store/uncaught-exception.js";
export { isThenable, promiseOf } from "./thenable.js";
