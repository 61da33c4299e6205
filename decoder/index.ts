// The public face of the decoder floor.

export * from "./errors.js";
export * from "./instructions.js";
export * from "./matching.js";
export * from "./module.js";
export * from "./opcodes.js";
export { ByteReader, decodeUtf8 } from "./reader.js";
export * from "./type-registry.js";
export * from "./types.js";
