// The public face of the decoder floor.

export { disassemble } from "./disassemble.js";
export * from "./errors.js";
export { featuresOf } from "./features.js";
export { FuncBodies, type FuncBody } from "./func-bodies.js";
export * from "./instructions.js";
export { DEFAULT_DECODE_LIMITS, type DecodeLimits } from "./limits.js";
export * from "./matching.js";
export * from "./module.js";
export { CHUNK_BYTES, type ModuleSource } from "./module-content.js";
export { decodeModule, type LazyModule, type ModuleParts, type ParseOptions, parseModule } from "./module-reader.js";
export {
  type IndirectNameMap,
  type ModuleNames,
  type NameMap,
  readNames,
  validateBranchHints,
  validateNameSection,
} from "./names.js";
export * from "./opcodes.js";
export { encodeOutline, openModule } from "./outline.js";
export { ByteReader } from "./reader.js";
export * from "./type-registry.js";
export * from "./types.js";
export { type TypeState, visitTypes } from "./types-at.js";
export { decodeUtf8, decodeUtf8Lossy, decodeUtf8Strict, encodeUtf8, isWellFormed } from "./utf8.js";
