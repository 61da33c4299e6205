// Checkpoints of whole programs, sooner than any but a test's: 2^27 units take a second.
import { FIRST_INTERVAL, ledgerDefaults } from "../../proof/checkpoint-ledger.js";

/**
 * Receipts have their first checkpoint at `interval` until the result is called. Hashing may be worth as much as before
 * for each of them.
 */
export function soonerCheckpoints(interval: number): () => void {
  const before = { ...ledgerDefaults };
  ledgerDefaults.interval = interval;
  ledgerDefaults.share *= FIRST_INTERVAL / interval;
  return () => void Object.assign(ledgerDefaults, before);
}
