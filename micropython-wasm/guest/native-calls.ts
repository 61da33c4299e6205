// Where the artifact and the host exchange what calls of the host's functions need (patch/calls.wat).

/** Address of the area; below it are the tables of the parser and the lexer (patch/). */
export const NATIVE_AREA = 0xb600;
export const NATIVE_AREA_BYTES = 192;
/** What the area begins with in an artifact that has the function. */
export const NATIVE_MAGIC = 0x4c4c4143;
/** Offsets in it. */
export const TABLE_INDEX = 4;
export const ARGUMENTS = 8;
export const FALLBACK = 12;
export const AFTERWARDS = 16;
export const FUNCTION = 32;
export const TYPE = 64;
/** Bytes of a type that are copied: its slots are behind the first 20. */
export const TYPE_BYTES = 96;
/** Where slot 0 of a type would be: the byte at 10 has the number of the slot for calls, from 1 on. */
export const SLOTS = 16;
/** What the host returns in place of a result: the rest is done in Python, or all of it. */
export const IN_PYTHON = 0;
export const NOT_READ = 2;
