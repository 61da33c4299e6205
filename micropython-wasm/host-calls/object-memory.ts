// Where the objects of an exchange lie in the guest's memory: words and bytes, each address checked before it is
// used, the list through which guest and host exchange them, and the samples that show what has which type.

import type { GuestMemory } from "../guest/engine-port.js";
import { LIST, SAMPLE_COUNT, TRUE, TUPLE } from "./object-samples.js";
import { isUnreadable, unreadable } from "./object-words.js";

/**
 * The guest's half of an exchange: a list of
 *   [0] arguments or blocks; from the host: the result
 *   [1] keyword arguments; from the host: what the result needs
 *   [2] the samples, a tuple
 *   [3] address of the variable that holds the newest pool of interned strings; from the host
 *   [4] True while an event loop runs: calls that take time give it futures
 *   [5] a block to spare, which the host may make the message of an error
 *   [6] the function (frame, *args, **kwargs) that makes calls in Python, [7] the one (frame) that takes their results
 */
const SAMPLES = 2;
export const POOL = 3;
const FUTURES = 4;
export const SPARE = 5;
export const SLOW = 6;
export const AFTER = 7;

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** One exchange with the guest after the other. */
export class ObjectMemory {
  /** Fuel that what has been read so far is worth. */
  fuel = 0;
  protected memory!: GuestMemory;
  protected bytes: Uint8Array = NO_BYTES;
  protected view: DataView = NO_VIEW;
  protected items = 0;
  private length = 0;
  /** The words of the samples, and the types of those that are not constants. */
  protected readonly words = new Array<number>(SAMPLE_COUNT).fill(0);
  protected readonly types = new Array<number>(SAMPLE_COUNT).fill(0);
  /**
   * Begins with an exchange.
   * @param list address of the list described above
   * @returns whether there is one
   */
  open(memory: GuestMemory, list: number): boolean {
    this.memory = memory;
    this.fuel = 0;
    this.refresh();
    try {
      this.length = this.word(list + 8);
      if (this.length <= FUTURES) return false;
      this.items = this.word(list + 12);
      const samples = this.item(SAMPLES);
      if ((samples & 3) !== 0 || this.word(samples + 4) !== SAMPLE_COUNT) return false;
      for (let i = 0; i < SAMPLE_COUNT; i++) {
        const word = this.word(samples + 8 + 4 * i);
        this.words[i] = word;
        this.types[i] = (word & 3) === 0 ? this.word(word) : 0;
      }
      return this.word(list) === this.types[LIST] && this.word(samples) === this.types[TUPLE];
    } catch (error) {
      if (isUnreadable(error)) return false;
      throw error;
    }
  }

  /** Lets go of the memory's buffer until {@link refresh}. */
  rest(): void {
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
  }

  /** To be called when the guest's memory may have got another buffer. */
  refresh(): void {
    this.bytes = this.memory.touched();
    this.view = this.memory.touchedView();
  }

  /** Makes sure that everything below `end` can be accessed. */
  protected reach(end: number): void {
    if (end <= this.bytes.length) return;
    if (end > this.memory.byteLength) unreadable();
    this.memory.range(end - 1, 1);
    this.refresh();
  }

  protected word(address: number): number {
    this.reach(address + 4);
    return this.view.getUint32(address, true);
  }

  protected sample(index: number): number {
    return this.words[index]!;
  }

  protected type(index: number): number {
    return this.types[index]!;
  }

  protected setWord(address: number, word: number): void {
    this.reach(address + 4);
    this.view.setUint32(address, word, true);
  }

  // ---- the list ----

  /** The word at an index of the list. */
  item(index: number): number {
    return this.word(this.items + 4 * index);
  }

  /** Whether the list has a place for a block to spare. */
  protected get hasSpare(): boolean {
    return this.length > SPARE;
  }

  /** Whether the guest takes futures. */
  get takesFutures(): boolean {
    return this.item(FUTURES) === this.sample(TRUE);
  }

  setItem(index: number, word: number): void {
    this.setWord(this.items + 4 * index, word);
  }
}
