import { Errno } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileSystem } from "./file-system.js";

function nothing(): never {
  throw new WasiError(Errno.noent, "there are no files");
}

/** Of a guest without preopens: no call gets here. */
export const NO_FILES: FileSystem = {
  setTime() {},
  open: nothing,
  close: nothing,
  read: nothing,
  write: nothing,
  status: nothing,
  statusOf: nothing,
  entries: nothing,
  createDirectory: nothing,
  removeDirectory: nothing,
  unlink: nothing,
  rename: nothing,
};
