// Numbers of WASI preview 1, under the names of its specification:
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

/** Import module of preview 1. */
export const WASI_MODULE = "wasi_snapshot_preview1";

/** Error codes, `errno`. */
export const Errno = {
  success: 0,
  acces: 2,
  again: 6,
  badf: 8,
  busy: 10,
  exist: 20,
  fault: 21,
  fbig: 22,
  ilseq: 25,
  intr: 27,
  inval: 28,
  io: 29,
  isdir: 31,
  loop: 32,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nomem: 48,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  notsup: 58,
  overflow: 61,
  perm: 63,
  pipe: 64,
  range: 68,
  rofs: 69,
  spipe: 70,
  xdev: 75,
  notcapable: 76,
} as const;

/** File descriptor rights, `rights`: a u64 of which the low 30 bits are in use. */
export const Rights = {
  fd_datasync: 1 << 0,
  fd_read: 1 << 1,
  fd_seek: 1 << 2,
  fd_fdstat_set_flags: 1 << 3,
  fd_sync: 1 << 4,
  fd_tell: 1 << 5,
  fd_write: 1 << 6,
  fd_advise: 1 << 7,
  fd_allocate: 1 << 8,
  path_create_directory: 1 << 9,
  path_create_file: 1 << 10,
  path_open: 1 << 13,
  fd_readdir: 1 << 14,
  path_readlink: 1 << 15,
  path_rename_source: 1 << 16,
  path_rename_target: 1 << 17,
  path_filestat_get: 1 << 18,
  path_filestat_set_size: 1 << 19,
  fd_filestat_get: 1 << 21,
  fd_filestat_set_size: 1 << 22,
  path_remove_directory: 1 << 25,
  path_unlink_file: 1 << 26,
  poll_fd_readwrite: 1 << 27,
} as const;

/** Every right that preview 1 names. */
export const ALL_RIGHTS = 2 ** 30 - 1;

/** File types, `filetype`. */
export const Filetype = {
  unknown: 0,
  character_device: 2,
  directory: 3,
  regular_file: 4,
} as const;
export type FiletypeValue = (typeof Filetype)[keyof typeof Filetype];

/** File descriptor flags, `fdflags`. */
export const Fdflags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const ALL_FDFLAGS = 31;

/** Flags of path_open, `oflags`. */
export const Oflags = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
export const ALL_OFLAGS = 15;

/** `lookupflags`: symlink_follow is the only one. */
export const ALL_LOOKUPFLAGS = 1;

/** Origins of fd_seek, `whence`. */
export const Whence = { set: 0, cur: 1, end: 2 } as const;

/** Clocks, `clockid`. */
export const Clockid = { realtime: 0, monotonic: 1, process_cputime_id: 2, thread_cputime_id: 3 } as const;

/** Kinds of events, `eventtype`. */
export const Eventtype = { clock: 0, fd_read: 1, fd_write: 2 } as const;

/** `subclockflags`: the timeout is a time, not a span. */
export const SUBSCRIPTION_CLOCK_ABSTIME = 1;

// Sizes of structures in bytes.
export const IOVEC_SIZE = 8;
export const FDSTAT_SIZE = 24;
export const FILESTAT_SIZE = 64;
export const PRESTAT_SIZE = 8;
export const DIRENT_SIZE = 24;
export const SUBSCRIPTION_SIZE = 48;
export const EVENT_SIZE = 32;
