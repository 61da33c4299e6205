import { UsageError } from "../errors.js";
import { Execution } from "../interpreter/execution.js";
import type { SnapshotBase } from "./base.js";
import { Inventory, requireSubject, type SnapshotSubject } from "./inventory.js";

export interface HibernateOptions {
  /** Memories to share what has not changed with; it stays as long as the store does. */
  readonly base?: SnapshotBase | null;
  /**
   * Whether other stores that begin with the base may have the memories' buffers, which saves them what making one takes;
   * false by default. Only where nobody goes on using arrays and views of the memories: they would be of another store.
   */
  readonly lends?: boolean;
}

/**
 * Lets a store that is idle take as little room as it can: its memories keep only the blocks that
 * differ from the base, or are not zero, and its paused executions their registers in use. The next
 * use of a memory makes its buffer again, so nobody has to wake the store up; but arrays and views of its memories that were handed out are stale.
 * @returns bytes that the memories hold beside the base
 * @throws SnapshotError if the subject is not the whole store; UsageError if an execution of it is running
 */
export function hibernateStore(subject: SnapshotSubject, options: HibernateOptions = {}): number {
  requireSubject(subject);
  const { base = null, lends = false } = options;
  const executions = [...subject.store.roots].filter((root) => root instanceof Execution);
  if (executions.some(({ isRunning }) => isRunning)) throw new UsageError("an execution of the store is running");
  let bytes = 0;
  new Inventory(subject).memories.forEach((memory, i) => {
    bytes += memory.hibernate(base?.memories[i] ?? null, lends);
  });
  for (const execution of executions) execution.hibernate();
  for (const { code, globalCells } of subject.instances) code.tier?.sleep(globalCells);
  return bytes;
}
