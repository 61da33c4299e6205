// What a conversation with MicroPython is begun with.
import type { FuelScheduleName, Module, Tier } from "../../runtime/index.js";
import type { ArtifactBuild } from "../emscripten/artifact-build.js";
import type { SnapshotStore } from "./commands.js";
import type { HistoryStore } from "./line-history.js";

export interface ReplOptions {
  /** Fuel of each statement; default 20,000,000. */
  readonly fuel?: number | undefined;
  readonly schedule?: FuelScheduleName | undefined;
  readonly tier?: Tier | undefined;
  /** MicroPython's build for JavaScript, if it is not the one that this package depends on. */
  readonly artifact?: Module | undefined;
  /** A build of the artifact that this package depends on, in place of the default. */
  readonly build?: ArtifactBuild | undefined;
  /** Cap on linear memory in bytes. */
  readonly memory?: number | undefined;
  /** Caps on the engine's call stack. */
  readonly stackSlots?: number | undefined;
  readonly frames?: number | undefined;
  readonly pythonStackBytes?: number | undefined;
  readonly seed?: number | undefined;
  /** Most bytes of memory that the states for `:undo` keep; the last one is kept in any case. Default 256 MiB. */
  readonly undoBytes?: number | undefined;
  /** Receives what the terminal is to show. */
  readonly write: (bytes: Uint8Array) => void;
  /** Where `:save` and `:load` keep snapshots; without it there are no such commands. */
  readonly store?: SnapshotStore | undefined;
  /** Where entered lines are kept from one session to the next; without it they are kept for this one. */
  readonly history?: HistoryStore | undefined;
}
