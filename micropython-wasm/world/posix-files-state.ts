// What a file system of a Python guest is made with, and its state (posix-files.ts).
import type { FileHandle, Mount, MountedFilesState } from "../../runtime/wasi/index.js";

export interface PosixFilesLimits {
  /** Most bytes in all files together; default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** Most files and directories; default 4096. */
  readonly maxNodes?: number | undefined;
  /** Most files open at once; default 64. */
  readonly maxOpenFiles?: number | undefined;
  /** Directories of other file systems that may be mounted: `PosixFiles.mountAll`. */
  readonly mounts?: readonly Mount[] | undefined;
}

/** The state as plain data: structured-clonable, without functions. */
export interface PosixFilesState {
  /** Handle of the working directory. */
  readonly cwd: FileHandle;
  readonly memory: MountedFilesState;
  readonly open: readonly {
    readonly fd: number;
    readonly handle: FileHandle;
    readonly flags: number;
    readonly offset: number;
    readonly listing: readonly string[] | null;
  }[];
}
