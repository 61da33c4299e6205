// Capabilities that the guest has got, by the numbers that it knows them under.

import type { Capability } from "../values/capability.js";
import { ValueError } from "../values/python-value.js";

const MAX_CAPABILITIES = 10_000;

export class CapabilityTable {
  /** Numbers that have been given out: none of them ever gets another meaning. */
  count = 0;
  private readonly capabilities = new Map<number, Capability>();
  private readonly numbers = new WeakMap<Capability, number>();

  /** The capability that has a number, if the guest has got it. */
  get(number: number): Capability | undefined {
    return this.capabilities.get(number);
  }

  /** The number of a capability; it gets one if it has none. @throws ValueError if there are too many */
  numberOf(capability: Capability): number {
    let number = this.numbers.get(capability);
    if (number !== undefined) return number;
    if (this.capabilities.size >= MAX_CAPABILITIES) throw new ValueError("too many capabilities");
    number = this.count++;
    this.capabilities.set(number, capability);
    this.numbers.set(capability, number);
    return number;
  }

  /** Takes what another table has, of whose guest's state this one's has a copy. */
  take({ capabilities, count }: CapabilityTable): void {
    for (const [number, capability] of capabilities) {
      this.capabilities.set(number, capability);
      this.numbers.set(capability, number);
    }
    this.count = Math.max(this.count, count);
  }

  /**
   * Goes back to when `count` numbers had been given out: what was given out since then, that state of the guest does
   * not hold.
   */
  forgetFrom(count: number): void {
    for (const [number, capability] of this.capabilities) {
      if (number < count) continue;
      this.capabilities.delete(number);
      this.numbers.delete(capability);
    }
    // A number that the guest may still hold never gets another meaning.
    this.count = Math.max(this.count, count);
  }
}
