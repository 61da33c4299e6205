// A list of 32-bit integers that grows: a quarter of the memory of an array that doubles while it is filled.
const FIRST_CAPACITY = 64;

export class IntList {
  length = 0;
  private data = new Int32Array(FIRST_CAPACITY);

  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }

  at(index: number): number {
    return this.data[index]!;
  }

  set(index: number, value: number): void {
    this.data[index] = value;
  }

  last(): number {
    return this.data[this.length - 1]!;
  }

  /** The values, in an array of their number. */
  toArray(): Int32Array {
    return this.data.slice(0, this.length);
  }
}

/** Number of the leading values of `sorted` (which ascend) that are at most `value`. */
export function countUpTo(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
