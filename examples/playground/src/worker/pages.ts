// Linear memory by pages of 4 KiB, as the map and comparisons see it.

const PAGE = 4096;

/** A number per page: 0 for one of zeros. Equal pages have equal numbers, and others hardly ever. */
export function pageSums(memory: Uint8Array): Int32Array {
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength >> 2);
  const sums = new Int32Array(Math.ceil(words.length / (PAGE / 4)));
  for (let page = 0; page < sums.length; page++) {
    const end = Math.min(words.length, (page + 1) * (PAGE / 4));
    let sum = 0;
    for (let i = page * (PAGE / 4); i < end; i++) sum = (Math.imul(sum, 31) + words[i]!) | 0;
    sums[page] = sum;
  }
  return sums;
}

/** What the map shows: see RunView.pages. */
export function pageStates(before: Int32Array, now: Int32Array): Uint8Array {
  return Uint8Array.from(now, (sum, page) => (sum !== (before[page] ?? 0) ? 2 : sum !== 0 ? 1 : 0));
}

export function differingPages(a: Int32Array, b: Int32Array): [number, number] {
  const all = Math.max(a.length, b.length);
  let differing = 0;
  for (let page = 0; page < all; page++) if ((a[page] ?? 0) !== (b[page] ?? 0)) differing++;
  return [differing, all];
}
