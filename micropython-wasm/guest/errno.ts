// Error numbers that file calls give to the guest.
//
// MicroPython is built with its own errno module (Linux's numbers), but its C library knows
// the numbers of WASI. The numbers here go straight into `OSError.errno`, so they are Linux's:
// then `e.errno == errno.ENOENT` holds, which it does not with the artifact's own glue.
// 27 must never be used: the C library would take it for EINTR and retry forever.

export const EPERM = 1;
export const ENOENT = 2;
export const EIO = 5;
export const EBADF = 9;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const EXDEV = 18;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const EMFILE = 24;
export const ENOSPC = 28;
export const ESPIPE = 29;
export const EROFS = 30;
export const ERANGE = 34;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ENOTEMPTY = 39;
export const ELOOP = 40;

/** A file call that fails; the guest sees `errno` in an OSError. */
export class FileSystemError extends Error {
  override readonly name = "FileSystemError";
  readonly kind = "file";
  constructor(
    readonly errno: number,
    message: string,
  ) {
    super(message);
  }
}
