// The snapshots that a server keeps, by id: so many at most, and so many bytes of all. Each is its owner's; for the others
// there is none under its id.
import { SandboxRequestError, type SnapshotInfo } from "./table-types.js";

interface Snapshot {
  readonly info: SnapshotInfo;
  readonly owner: string;
  readonly bytes: Uint8Array;
}

export class SnapshotShelf {
  private readonly snapshots = new Map<string, Snapshot>();
  private bytes = 0;
  private next = 1;

  /** @param nameOf the id of the snapshot with a number */
  constructor(
    private readonly most: number,
    private readonly mostBytes: number,
    private readonly nameOf: (number: number) => string,
  ) {}

  /** @throws SandboxRequestError if there is no room for one more */
  requireRoom(owner: string): void {
    if (this.snapshots.size >= this.most) throw this.full(`${this.most} snapshots`, owner);
  }

  /**
   * @param of the sandbox that it was taken of
   * @throws SandboxRequestError if it has no room
   */
  add(of: string, owner: string, bytes: Uint8Array): SnapshotInfo {
    if (this.bytes + bytes.length > this.mostBytes) throw this.full(`${this.mostBytes} bytes of snapshots`, owner);
    const info: SnapshotInfo = { id: this.nameOf(this.next++), of, bytes: bytes.length };
    this.snapshots.set(info.id, { info, owner, bytes });
    this.bytes += bytes.length;
    return info;
  }

  /** @throws SandboxRequestError if the owner has none with this id */
  find(id: string, owner = ""): Uint8Array {
    const snapshot = this.snapshots.get(id);
    if (snapshot?.owner === owner) return snapshot.bytes;
    const ids = this.of(owner).map((info) => info.id);
    throw new SandboxRequestError(
      `There is no snapshot ${JSON.stringify(id)}. ` +
        (ids.length === 0 ? "None has been taken: use snapshot first." : `There are: ${ids.join(", ")}.`),
    );
  }

  /** What an owner has. */
  of(owner: string): SnapshotInfo[] {
    return [...this.snapshots.values()].filter((one) => one.owner === owner).map(({ info }) => info);
  }

  /** @throws SandboxRequestError if the owner has none with this id */
  forget(id: string, owner?: string): void {
    this.bytes -= this.find(id, owner).length;
    this.snapshots.delete(id);
  }

  clear(): void {
    this.snapshots.clear();
    this.bytes = 0;
  }

  private full(limit: string, owner: string): SandboxRequestError {
    const ids = this.of(owner).map(({ id }) => id);
    const advice =
      ids.length === 0 ? "None can be taken of this sandbox." : `Drop one with close(snapshot_id): ${ids.join(", ")}.`;
    return new SandboxRequestError(`The server keeps ${limit} at most. ${advice}`);
  }
}
