// Lowering of a function that was not lowered yet, and its first pause, against V8's baseline compiler (Liftoff) on
// the same body: bodies of the shapes that take longest for their size.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Engine, Execution, Linker, type Module, Store } from "../runtime/index.js";
import { leb, section } from "./large-module.js";
import type { Mark, Section } from "./report.js";

const BODY_BYTES = 300_000;
const ROUNDS = 8;
/** More fuel than a first call takes that does next to nothing. */
const PLENTY = 1e9;
/** What lowering may take for a body: so many times V8's time, and so many ms. */
const FACTOR = 10;
const ALLOWANCE_MS = 20;
const V8_TIMEOUT_MS = 20_000;

const CONST = [0x41, 0];
const DROP = [0x1a];
/**
 * Where the operands come from that lie below: a third of the body makes them and a third drops them ("tall"), or there
 * are as many as the type that the instructions name has parameters and results ("wide").
 */
type Below = "none" | "tall" | "wide";
const WIDE_VALUES = 1000;
/** V8 takes minutes for what names types of 1,000 values in a body of the usual size. */
const WIDE_BODY_BYTES = 20_000;
/** Instructions, repeated. */
const SHAPES: readonly (readonly [name: string, code: readonly number[], below: Below])[] = [
  ["i32.const, drop", [...CONST, ...DROP], "none"],
  ["x = x + 1", [0x20, 0, 0x41, 1, 0x6a, 0x21, 0], "none"],
  ["loads", [0x20, 0, 0x28, 2, 0, 0x21, 1], "none"],
  ["calls", [0x10, 1], "none"],
  ["blocks with br_if", [0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b], "none"],
  ["loops with br_if", [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b], "none"],
  ["if, else", [0x20, 0, 0x04, 0x40, 0x01, 0x05, 0x01, 0x0b], "none"],
  ["tall stack: block", [0x02, 0x40, 0x0b], "tall"],
  ["tall stack: if", [0x20, 0, 0x04, 0x40, 0x0b], "tall"],
  ["tall stack: local.set", [...CONST, 0x21, 0], "tall"],
  ["tall stack: call", [0x10, 1], "tall"],
  ["1,000 values: block", [0x02, 1, 0x0b], "wide"],
  ["1,000 values: if, else", [0x20, 0, 0x04, 1, 0x05, 0x0b], "wide"],
  ["1,000 values: call", [0x10, 2], "wide"],
];

function repeated(code: readonly number[], bytes: number): number[] {
  return Array.from({ length: Math.floor(bytes / code.length) }, () => code).flat();
}

/** A module whose "f" has the shape's code behind a test that fails; its function 1, for calls, does nothing. */
function moduleOf(code: readonly number[], below: Below, bytes: number): Uint8Array {
  const operands = below === "wide" ? WIDE_VALUES : Math.floor(bytes / 6);
  const shape =
    below === "none"
      ? repeated(code, bytes)
      : [
          ...repeated(CONST, 2 * operands),
          ...repeated(code, below === "wide" ? bytes : bytes / 2),
          ...repeated(DROP, operands),
        ];
  const body = [1, 4, 0x7f, 0x20, 0, 0x04, 0x40, ...shape, 0x0b, 0x0b];
  // Function 2 gives back what it is given, as many values as types have at most.
  const values = [...leb(WIDE_VALUES), ...Array<number>(WIDE_VALUES).fill(0x7f)];
  const wide = [0, ...Array.from({ length: WIDE_VALUES }, (_, i) => [0x20, ...leb(i)]).flat(), 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 0, 0x60, ...values, ...values]),
    ...section(3, [3, 0, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [3, ...leb(body.length), ...body, 2, 0, 0x0b, ...leb(wide.length), ...wide]),
  ]);
}

/** Milliseconds of V8's Liftoff for the module, the least of a few; null if it takes too long. */
function liftoff(bytes: Uint8Array): number | null {
  const folder = mkdtempSync(path.join(tmpdir(), "lowering-"));
  const file = path.join(folder, "module.wasm");
  // V8 keeps modules by their bytes: each round's have another custom section.
  const script = `const bytes = require("fs").readFileSync(${JSON.stringify(file)}); let best = Infinity;
    for (let i = 0; i < ${ROUNDS}; i++) { const own = Buffer.concat([bytes, Buffer.from([0, 2, 1, i])]);
      const start = performance.now(); new WebAssembly.Module(own); best = Math.min(best, performance.now() - start); }
    console.log(best)`;
  const flags = ["--liftoff-only", "--no-wasm-lazy-compilation", "--wasm-num-compilation-tasks=1"];
  try {
    writeFileSync(file, bytes);
    const printed = execFileSync(process.execPath, [...flags, "-e", script], {
      encoding: "utf8",
      timeout: V8_TIMEOUT_MS,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number(printed);
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Times {
  /** A first call, which lowers the function and does next to nothing. */
  readonly lower: number;
  /** A first call without fuel: that, and finding the instruction to stop at. */
  readonly pause: number;
}

/** What the clock says of a first call of the module's "f". */
function firstCall(bytes: Uint8Array, fuel: number, clock: () => number): number {
  // Modules of one engine share what they can: each round has an engine of its own.
  const engine = new Engine();
  const store = new Store(engine);
  const module: Module = engine.compile(bytes);
  const execution = new Execution(store).start(new Linker(engine).instantiate(store, module).getFunc("f"));
  const start = clock();
  execution.run(fuel);
  return clock() - start;
}

const wallMs = (): number => performance.now();
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/**
 * What two bodies take, the second over the first: processor time of all rounds. Not of the shortest: that of a small
 * body has no collection of V8's in it, and any of one twice as large has.
 */
function growth(once: Uint8Array, twice: Uint8Array, fuel: number): number {
  const sums = [0, 0];
  for (let round = 0; round <= ROUNDS; round++) {
    [once, twice].forEach((bytes, i) => {
      const took = firstCall(bytes, fuel, processorMs);
      if (round > 0) sums[i] = sums[i]! + took;
    });
  }
  return sums[1]! / sums[0]!;
}

function ours(bytes: Uint8Array): Times {
  let lower = Number.POSITIVE_INFINITY;
  let pause = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    lower = Math.min(lower, firstCall(bytes, PLENTY, wallMs));
    pause = Math.min(pause, firstCall(bytes, 0, wallMs));
  }
  return { lower, pause };
}

export function loweringSection(): Section {
  const rows = SHAPES.map(([what, code, below]) => {
    const size = below === "wide" ? WIDE_BODY_BYTES : BODY_BYTES;
    const bytes = moduleOf(code, below, size);
    const v8 = liftoff(bytes);
    const { lower, pause } = ours(bytes);
    const double = moduleOf(code, below, 2 * size);
    const [lowerTwice, pauseTwice] = [growth(bytes, double, PLENTY), growth(bytes, double, 0)];
    return { what, bytes: bytes.length, v8, lower, pause, lowerTwice, pauseTwice };
  });
  const over = (ms: number, v8: number | null) => (v8 === null ? 0 : Math.max(0, ms - ALLOWANCE_MS) / v8);
  const worst = (what: (row: (typeof rows)[number]) => number) => Math.max(...rows.map(what));
  const marks: Mark[] = [
    {
      what: `lowering less ${ALLOWANCE_MS} ms / V8's Liftoff, at most`,
      limit: FACTOR,
      measured: worst(({ lower, v8 }) => over(lower, v8)),
      unit: "x",
    },
    {
      what: `first pause less ${ALLOWANCE_MS} ms / V8's Liftoff, at most`,
      limit: FACTOR,
      measured: worst(({ pause, v8 }) => over(pause, v8)),
      unit: "x",
    },
    {
      what: "twice the body / once, lowering, at most",
      limit: 2.5,
      measured: worst(({ lowerTwice }) => lowerTwice),
      unit: "x",
    },
    {
      what: "twice the body / once, first pause, at most",
      limit: 2.5,
      measured: worst(({ pauseTwice }) => pauseTwice),
      unit: "x",
    },
  ];
  return {
    name: "lowering",
    title: `Lowering bodies of ${BODY_BYTES / 1000} KB (1,000 values: ${WIDE_BODY_BYTES / 1000} KB), warm (${ROUNDS} rounds, the shortest)`,
    columns: ["ms", "V8 Liftoff", "lowering", "first pause", "lowering/V8", "twice", "twice, pause"],
    rows: rows.map(({ what, v8, lower, pause, lowerTwice, pauseTwice }) => {
      return [what, v8, lower, pause, v8 === null ? null : lower / v8, lowerTwice, pauseTwice];
    }),
    marks,
    notes: [`A dash: V8 took more than ${V8_TIMEOUT_MS / 1000} s.`],
    detail: rows,
  };
}
