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
  dquot: 19,
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
  mlink: 34,
  nametoolong: 37,
  nfile: 41,
  nodev: 43,
  noent: 44,
  nomem: 48,
  nospc: 51,
  nosys: 52,
  notdir: 54,
  notempty: 55,
  notsock: 57,
  notsup: 58,
  nxio: 60,
  overflow: 61,
  perm: 63,
  pipe: 64,
  range: 68,
  rofs: 69,
  spipe: 70,
  stale: 72,
  txtbsy: 74,
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
  path_link_source: 1 << 11,
  path_link_target: 1 << 12,
  path_open: 1 << 13,
  fd_readdir: 1 << 14,
  path_readlink: 1 << 15,
  path_rename_source: 1 << 16,
  path_rename_target: 1 << 17,
  path_filestat_get: 1 << 18,
  path_filestat_set_size: 1 << 19,
  path_filestat_set_times: 1 << 20,
  fd_filestat_get: 1 << 21,
  fd_filestat_set_size: 1 << 22,
  fd_filestat_set_times: 1 << 23,
  path_symlink: 1 << 24,
  path_remove_directory: 1 << 25,
  path_unlink_file: 1 << 26,
  poll_fd_readwrite: 1 << 27,
  sock_shutdown: 1 << 28,
  sock_accept: 1 << 29,
} as const;

/** Every right that preview 1 names. */
export const ALL_RIGHTS = 2 ** 30 - 1;

/** File types, `filetype`. */
export const Filetype = {
  unknown: 0,
  character_device: 2,
  directory: 3,
  regular_file: 4,
  symbolic_link: 7,
} as const;
export type FiletypeValue = (typeof Filetype)[keyof typeof Filetype];

/** File descriptor flags, `fdflags`. */
export const Fdflags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const ALL_FDFLAGS = 31;

/** Flags of path_open, `oflags`. */
export const Oflags = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
export const ALL_OFLAGS = 15;

/** `lookupflags`: symlink_follow is the only one. */
export const SYMLINK_FOLLOW = 1;

/** What to set of a file's times, `fstflags`. */
export const Fstflags = { atim: 1, atim_now: 2, mtim: 4, mtim_now: 8 } as const;
export const ALL_FSTFLAGS = 15;

/** The largest `advice`: noreuse. */
export const LAST_ADVICE = 5;

/** `signal`: those that do nothing to a process which has no handler for them. */
export const IGNORED_SIGNALS: ReadonlySet<number> = new Set([0, 16, 17, 22, 27]); // none, chld, cont, urg, winch
export const LAST_SIGNAL = 30;

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
