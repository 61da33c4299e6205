// What was changed in a file, as runs that are copied from it and bytes that are put between them: applying it takes no
// time, where finding the functions to change takes 60 ms of a fresh process.
//
// Numbers are words of 32 bits: [length of the file, length of what comes of it], then as often as needed
// [offset, length to copy, length to insert], with the bytes to insert behind them.

const HEADER_BYTES = 8;
const STEP_BYTES = 12;
/** Runs that are shorter are not looked for. */
const MIN_RUN = 32;

/** The file with the changes; undefined if they are those of another one. @throws RangeError if they are damaged */
export function applyChanges(file: Uint8Array, changes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(changes.buffer, changes.byteOffset, changes.length);
  if (view.getUint32(0, true) !== file.length) return undefined;
  const result = new Uint8Array(view.getUint32(4, true));
  let end = 0;
  for (let at = HEADER_BYTES; at < changes.length; ) {
    const from = view.getUint32(at, true);
    const copied = view.getUint32(at + 4, true);
    const inserted = view.getUint32(at + 8, true);
    at += STEP_BYTES;
    result.set(file.subarray(from, from + copied), end);
    result.set(changes.subarray(at, at + inserted), end + copied);
    at += inserted;
    end += copied + inserted;
  }
  return end === result.length ? result : undefined;
}

/** What makes `after` of `before`. */
export function changesBetween(before: Uint8Array, after: Uint8Array): Uint8Array {
  const steps: { from: number; copied: number; inserted: Uint8Array }[] = [];
  const places = new Map<number, number>();
  for (let i = before.length - MIN_RUN; i >= 0; i--) places.set(hashOf(before, i), i);
  let inserted = 0;
  for (let at = 0; at < after.length; ) {
    const from = at + MIN_RUN <= after.length ? places.get(hashOf(after, at)) : undefined;
    let copied = 0;
    while (from !== undefined && at + copied < after.length && before[from + copied] === after[at + copied]) copied++;
    if (copied < MIN_RUN) {
      at++;
      continue;
    }
    if (at > inserted || steps.length === 0) steps.push({ from: 0, copied: 0, inserted: after.subarray(inserted, at) });
    steps.push({ from: from!, copied, inserted: new Uint8Array(0) });
    at += copied;
    inserted = at;
  }
  steps.push({ from: 0, copied: 0, inserted: after.subarray(inserted) });
  const bytes = new Uint8Array(steps.reduce((sum, step) => sum + STEP_BYTES + step.inserted.length, HEADER_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, before.length, true);
  view.setUint32(4, after.length, true);
  let at = HEADER_BYTES;
  for (const step of steps) {
    view.setUint32(at, step.from, true);
    view.setUint32(at + 4, step.copied, true);
    view.setUint32(at + 8, step.inserted.length, true);
    bytes.set(step.inserted, at + STEP_BYTES);
    at += STEP_BYTES + step.inserted.length;
  }
  return bytes;
}

function hashOf(bytes: Uint8Array, start: number): number {
  let hash = 0;
  for (let i = 0; i < MIN_RUN; i++) hash = Math.imul(hash, 0x01000193) ^ bytes[start + i]!;
  return hash;
}
