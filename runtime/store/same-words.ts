// Comparing memory, a word at a time.

/** Whether the words from `from` to `to` are all zero. */
export function isZero(words: Int32Array, from: number, to: number): boolean {
  let i = from;
  // Eight at a time: most of a memory is zeros, and this reads all of it.
  for (const end = to - 7; i < end; i += 8) {
    const any =
      words[i]! |
      words[i + 1]! |
      words[i + 2]! |
      words[i + 3]! |
      words[i + 4]! |
      words[i + 5]! |
      words[i + 6]! |
      words[i + 7]!;
    if (any !== 0) return false;
  }
  for (; i < to; i++) if (words[i] !== 0) return false;
  return true;
}

/** Whether the words from `from` to `to` are those of `others` from `start` on. */
export function isSame(words: Int32Array, from: number, to: number, others: Int32Array, start: number): boolean {
  let i = from;
  let j = start;
  for (const end = to - 7; i < end; i += 8, j += 8) {
    const differs =
      (words[i]! ^ others[j]!) |
      (words[i + 1]! ^ others[j + 1]!) |
      (words[i + 2]! ^ others[j + 2]!) |
      (words[i + 3]! ^ others[j + 3]!) |
      (words[i + 4]! ^ others[j + 4]!) |
      (words[i + 5]! ^ others[j + 5]!) |
      (words[i + 6]! ^ others[j + 6]!) |
      (words[i + 7]! ^ others[j + 7]!);
    if (differs !== 0) return false;
  }
  for (; i < to; i++, j++) if (words[i] !== others[j]) return false;
  return true;
}
