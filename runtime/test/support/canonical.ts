// Equal states, equal bytes: two executions that have had the same fuel give the same snapshot, however
// they came there. The bytes of a run in one go are what the other ways are held against.
import { expect } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import type { Execution } from "../../index.js";
import { captureStore } from "../../snapshot/capture.js";
import { decodeSnapshot, encodeSnapshot } from "../../snapshot/format.js";
import { hibernateStore } from "../../snapshot/hibernate.js";
import type { SnapshotSubject } from "../../snapshot/inventory.js";
import { restoreStore } from "../../snapshot/restore.js";
import { exportEverything, planCalls } from "./differential.js";
import { World } from "./interpreter-runner.js";
import { Random } from "./random.js";
import { Linked, type Program } from "./snapshot-programs.js";

/** An execution and all that it works on. */
interface Subject {
  readonly execution: Execution;
  readonly subject: SnapshotSubject;
  capture(): Uint8Array;
  /** The same state in an engine of its own. */
  moved(): Subject;
}

/** How an execution gets from one stop to the next. */
interface Way {
  readonly slice: (random: Random) => number;
  /** What happens at each pause. */
  readonly pause?: (subject: Subject) => Subject;
}

const WAYS: Readonly<Record<string, Way>> = {
  "slices of 1": { slice: () => 1 },
  "random slices": { slice: (random) => 1 + random.below(random.pick([2, 7, 40])) },
  "restored in between": { slice: (random) => 1 + random.below(30), pause: (subject) => subject.moved() },
  hibernating: {
    slice: (random) => 1 + random.below(30),
    pause: (state) => {
      hibernateStore(state.subject);
      return state;
    },
  },
};

/** Holds every way against a run in one go, at each amount of fuel up to `most` by steps of `every`. */
function checkWays(what: string, start: () => Subject, most: number, every: number, seed: number): number {
  const expected = new Map<number, Uint8Array>();
  for (let fuel = every; fuel <= most; fuel += every) {
    const subject = start();
    if (subject.execution.run(fuel).status !== "paused") break;
    expected.set(fuel, subject.capture());
  }
  for (const [name, { slice, pause }] of Object.entries(WAYS)) {
    const random = new Random(seed);
    let subject = start();
    let given = 0;
    for (const [fuel, bytes] of expected) {
      while (given < fuel) {
        const more = Math.min(slice(random), fuel - given);
        given += more;
        expect(subject.execution.run(more).status, `${what}, ${name}, ${given}`).toBe("paused");
        subject = pause?.(subject) ?? subject;
      }
      if (Buffer.compare(subject.capture(), bytes) !== 0)
        describeDifference(`${what}, ${name}, ${fuel} fuel`, subject, bytes);
    }
  }
  return expected.size;
}

function describeDifference(what: string, subject: Subject, bytes: Uint8Array): void {
  // What the pictures have in plain words says more than bytes do.
  const { picture } = decodeSnapshot(bytes);
  const other = decodeSnapshot(subject.capture()).picture;
  expect(plain(other.execution), what).toEqual(plain(picture.execution));
  expect(plain(other), what).toEqual(plain(picture));
  expect.fail(`${what}: other bytes`);
}
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? [...(part as Uint8Array)] : part)));
}

/** Every call of a module's exports. Returns the number of states that were compared. */
export function checkModule(what: string, bytes: Uint8Array, seed: number, most: number, every: number): number {
  const complete = exportEverything(parseModule(bytes));
  let stops = 0;
  for (const call of planCalls(parseModule(complete), seed)) {
    const subject = (world: World, execution: Execution): Subject => ({
      execution,
      subject: world.subject,
      capture: () => world.capture(execution),
      moved: () => {
        const other = new World(complete, [], {}, false);
        return subject(other, world.moveTo(other, execution));
      },
    });
    const start = () => {
      const world = new World(complete, [], {}, true);
      return subject(world, world.start(call));
    };
    stops += checkWays(`${what}, ${call.name}`, start, most, every, seed);
  }
  return stops;
}

/** A program of linked modules. */
export function checkProgram(what: string, program: Program, most: number, seed: number): number {
  const subject = (linked: Linked, execution: Execution): Subject => ({
    execution,
    subject: linked.subject,
    capture: () => encodeSnapshot(captureStore(linked.subject, { execution }), { compress: false }),
    moved: () => {
      const other = new Linked(program);
      const bytes = encodeSnapshot(captureStore(linked.subject, { execution }));
      return subject(other, restoreStore(decodeSnapshot(bytes).picture, other.subject)!);
    },
  });
  const start = () => {
    const linked = new Linked(program);
    return subject(linked, linked.start());
  };
  return checkWays(what, start, most, 1, seed);
}
