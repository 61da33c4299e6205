// What the page asks the engine's worker, and what it is told.

/** Where the Python program stands: the innermost call last. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly function: string;
}

export interface HostCall {
  readonly name: string;
  readonly text: string;
}

/** What the page shows of a run. */
export interface RunView {
  readonly status: string;
  readonly stdout: string;
  readonly error: string | null;
  /** Python's repr of the value of the last expression; null if there is none. */
  readonly value: string | null;
  readonly fuel: number;
  readonly limit: number;
  readonly memoryBytes: number;
  readonly memoryHash: string;
  /** Null where the program does not stand: it is over, or cannot be asked. */
  readonly where: readonly Place[] | null;
  readonly calls: readonly HostCall[];
  /** Per page of 4 KiB: 0 never touched, 1 in use, 2 changed since the run began. */
  readonly pages: Uint8Array;
}

/** A state in the tree of branches. */
export interface StateView {
  readonly id: number;
  readonly parent: number | null;
  readonly label: string;
  readonly fuel: number;
  readonly memoryHash: string;
}

export interface Comparison {
  readonly fuel: readonly [number, number];
  readonly output: readonly [string, string];
  /** Pages of 4 KiB that differ, and all there are. */
  readonly pages: readonly [number, number];
}

/** A part of the flame graph: fuel by function, what its callees used included. */
export interface Flame {
  readonly name: string;
  readonly fuel: number;
  readonly children: readonly Flame[];
}

export interface ModuleView {
  readonly exports: readonly { readonly name: string; readonly type: string }[];
  readonly text: readonly string[];
  readonly imports: readonly string[];
}

export interface ModuleFrame {
  readonly name: string;
  readonly offset: number;
  readonly locals: readonly string[];
  readonly operands: readonly string[];
}

export interface ModuleStep {
  readonly status: string;
  readonly fuel: number;
  readonly frames: readonly ModuleFrame[];
}

/** Requests by name: parameters and answer. */
export interface Requests {
  boot: [{ readonly seed: number }, RunView];
  run: [{ readonly code: string; readonly limit: number }, RunView];
  /** Starts the program and stops before its first instruction. */
  begin: [{ readonly code: string; readonly limit: number }, RunView];
  goOn: [{ readonly limit: number }, RunView];
  stop: [null, null];
  step: [{ readonly by: "instruction" | "line"; readonly back: boolean; readonly limit: number }, RunView];
  profile: [{ readonly code: string; readonly limit: number }, Flame];
  fork: [{ readonly label: string }, readonly StateView[]];
  rewind: [{ readonly id: number }, RunView];
  compare: [{ readonly a: number; readonly b: number }, Comparison];
  download: [null, Uint8Array];
  upload: [{ readonly bytes: Uint8Array }, RunView];
  states: [null, readonly StateView[]];
  openModule: [{ readonly bytes: Uint8Array }, ModuleView];
  callExport: [{ readonly name: string; readonly args: readonly string[] }, ModuleStep];
  stepModule: [{ readonly fuel: number; readonly back: boolean }, ModuleStep];
}

export type RequestName = keyof Requests;

export interface RequestMessage {
  readonly id: number;
  readonly name: RequestName;
  readonly params: unknown;
}

export type WorkerMessage =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly message: string }
  | { readonly kind: "progress"; readonly fuel: number; readonly limit: number; readonly stdout: string };
