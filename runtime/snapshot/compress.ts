// A byte-oriented LZ77 code in the manner of LZ4's blocks: sequences of literals and a match.
//
// Format of a sequence
//   token          high half: number of literals, low half: length of the match less 4
//   more lengths   where a half is 15: bytes to add, 255 says that another one follows
//   literals
//   distance       two bytes, low first: how far back the match begins, from 1
// The last sequence ends behind its literals, and the low half of its token is 0.

import { damaged } from "./snapshot-error.js";

const MIN_MATCH = 4;
const MAX_DISTANCE = 0xffff;
const HASH_BITS = 14;
/** A byte of compressed text gives at most that many bytes, and a few more in all. */
const MAX_RATIO = 255;
const MAX_CONSTANT = 32;

/** Compresses; the result may be longer than the input by a 255th and a few bytes. */
export function compress(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length + Math.ceil(input.length / 255) + 16);
  // Hash of four bytes → where they were last, plus one.
  const table = new Int32Array(1 << HASH_BITS);
  const last = input.length - MIN_MATCH;
  let at = 0;
  let anchor = 0;
  let to = 0;
  // The longer nothing is found, the larger the steps: what does not compress costs little time.
  let misses = 0;
  while (at <= last) {
    const word = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
    const hash = Math.imul(word, -1640531535) >>> (32 - HASH_BITS);
    const from = table[hash]! - 1;
    table[hash] = at + 1;
    if (from < 0 || at - from > MAX_DISTANCE || !startsAlike(input, from, at)) {
      at += 1 + (misses++ >> 6);
      continue;
    }
    let end = at + MIN_MATCH;
    for (let i = from + MIN_MATCH; end < input.length && input[i] === input[end]; i++) end++;
    to = writeSequence(out, to, input, anchor, at, at - from, end - at);
    at = anchor = end;
    misses = 0;
  }
  to = writeSequence(out, to, input, anchor, input.length, 0, MIN_MATCH);
  return out.slice(0, to);
}

function startsAlike(input: Uint8Array, a: number, b: number): boolean {
  return (
    input[a] === input[b] &&
    input[a + 1] === input[b + 1] &&
    input[a + 2] === input[b + 2] &&
    input[a + 3] === input[b + 3]
  );
}

/** Writes literals `input[from, end)` and, unless `distance` is 0, a match. Returns the end of the output. */
function writeSequence(
  out: Uint8Array,
  at: number,
  input: Uint8Array,
  from: number,
  end: number,
  distance: number,
  match: number,
): number {
  const literals = end - from;
  const rest = match - MIN_MATCH;
  let to = at;
  out[to++] = (Math.min(literals, 15) << 4) | Math.min(rest, 15);
  if (literals >= 15) to = writeLength(out, to, literals - 15);
  for (let i = from; i < end; i++) out[to++] = input[i]!;
  if (distance === 0) return to;
  out[to++] = distance;
  out[to++] = distance >> 8;
  return rest >= 15 ? writeLength(out, to, rest - 15) : to;
}

function writeLength(out: Uint8Array, at: number, length: number): number {
  let to = at;
  let rest = length;
  for (; rest >= 255; rest -= 255) out[to++] = 255;
  out[to++] = rest;
  return to;
}

/** Whether `length` bytes can come out of `compressed` bytes: asked before room is made for them. */
export function isPlausible(compressed: number, length: number): boolean {
  return length <= compressed * MAX_RATIO + MAX_CONSTANT;
}

/**
 * The inverse of {@link compress}.
 * @param length of the result
 * @throws SnapshotError if the input is not what gives `length` bytes
 */
export function decompress(input: Uint8Array, length: number): Uint8Array {
  if (!isPlausible(input.length, length)) damaged("more data than can be in it");
  const out = new Uint8Array(length);
  let at = 0;
  let to = 0;
  const readLength = (half: number): number => {
    let sum = half;
    if (half < 15) return sum;
    for (;;) {
      if (at >= input.length) damaged("compressed data ends early");
      const byte = input[at++]!;
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  for (;;) {
    if (at >= input.length) damaged("compressed data ends early");
    const token = input[at++]!;
    const literals = readLength(token >> 4);
    if (literals > input.length - at || literals > length - to) damaged("compressed data is too long");
    for (let i = 0; i < literals; i++) out[to++] = input[at++]!;
    if (at === input.length) {
      if (to !== length || (token & 15) !== 0) damaged("compressed data ends early");
      return out;
    }
    if (input.length - at < 2) damaged("compressed data ends early");
    const distance = input[at]! | (input[at + 1]! << 8);
    at += 2;
    const match = readLength(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > to || match > length - to) damaged("compressed data refers to nothing");
    // Byte by byte: a match may overlap what it writes.
    for (let i = to - distance, end = to + match; to < end; ) out[to++] = out[i++]!;
  }
}
