// The words of a module's register code: in an array of their own, or in a file for one module at a time, which lies at one
// place for the life of the process (interpreter/loop.ts).

/** Words that there is room for at first. */
const LEAST_CAPACITY = 4096;

/** Room for the words of one module. */
export interface CodeFile {
  /** Where who is there has its code. */
  readonly room: Int32Array;
  /** Who is there. Of the module it knows the words alone: when nobody else has it, all else is free to go. */
  resident: CodeWords | null;
}

export class CodeWords {
  array: Int32Array = new Int32Array(new ArrayBuffer(LEAST_CAPACITY * 4));
  /** Fuel that was used outside of the file since it was left; the first move is free. */
  credit = Number.POSITIVE_INFINITY;
  private file: CodeFile | null = null;

  /** @param length words in use */
  constructor(public length: number) {}

  get isInFile(): boolean {
    return this.file !== null;
  }

  /** Moves into `file`, which has room for it, and who is there out of it. */
  enterFile(file: CodeFile): void {
    file.resident?.leaveFile();
    file.room.set(this.array.subarray(0, this.length));
    file.resident = this;
    this.file = file;
    this.array = file.room;
  }

  private leaveFile(): void {
    this.credit = 0;
    this.moveOut(this.length);
  }

  /** Makes room for `words` more; the array may be another one afterwards. */
  reserve(words: number): void {
    if (this.length + words > this.array.length) this.moveOut(this.length + words);
  }

  /** Moves into an array of its own that has room for `words`. */
  private moveOut(words: number): void {
    let capacity = LEAST_CAPACITY;
    while (capacity < words) capacity *= 2;
    const own = new Int32Array(new ArrayBuffer(capacity * 4));
    // Code that is being lowered lies behind `length`.
    own.set(this.array.subarray(0, capacity));
    this.array = own;
    if (this.file !== null) this.file.resident = null;
    this.file = null;
  }
}
