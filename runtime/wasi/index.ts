// The public face of WASI preview 1.

export { Errno, Filetype, type FiletypeValue, WASI_MODULE } from "./abi.js";
export { ProcExit, WasiError } from "./errors.js";
export {
  type FileHandle,
  type FileStatus,
  type FileSystem,
  type FileTimes,
  type OpenMode,
  priceOfAccess,
  type Stream,
} from "./file-system.js";
export { WASI_FUNCTIONS } from "./functions.js";
export { MemoryFiles } from "./memory-files.js";
export type { SavedNode } from "./memory-nodes.js";
export type { MemoryFilesLimits, MemoryFilesState } from "./memory-tree.js";
export { type Mount, type MountAccess, MountedFiles, type MountedFilesState } from "./mounted-files.js";
export { OverlayFiles } from "./overlay-files.js";
export { OPEN_DIRECTORY, type Place } from "./paths.js";
export { contentOf, type SharedContent, SharedFiles } from "./shared-files.js";
export type { WasiClock } from "./time.js";
export { type Preopen, Wasi, type WasiOptions, type WasiState } from "./wasi.js";
