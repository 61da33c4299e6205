import { expect, test } from "vitest";
import { runInSlices } from "../guest.js";

/** An execution whose instructions have the given prices. What a run leaves over stays granted. */
function execution(prices: Iterable<number>) {
  const iterator = prices[Symbol.iterator]();
  let next = iterator.next();
  return {
    granted: 0,
    fuelUsed: 0,
    runs: 0,
    run(fuel: number): { status: "paused" | "done" } {
      this.runs++;
      this.granted += fuel;
      for (;;) {
        if (next.done === true) return { status: "done" };
        if (next.value > this.granted - this.fuelUsed) return { status: "paused" };
        this.fuelUsed += next.value;
        next = iterator.next();
      }
    },
  };
}

function* ones(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield 1;
}

test("a run that needs exactly its budget ends, with one less it does not", async () => {
  const count = 1_000_000;
  const enough = execution(ones(count));
  expect(await runInSlices(enough, count)).toEqual({ status: "done" });
  expect(enough.fuelUsed).toBe(count);
  expect(enough.runs).toBeGreaterThan(1);

  const short = execution(ones(count));
  expect(await runInSlices(short, count - 1)).toEqual({ status: "paused" });
  expect(short.fuelUsed).toBe(count - 1);
});

test("an instruction that costs more than a slice is executed all the same", async () => {
  const guest = execution([1, 16_777_216, 1]);
  expect(await runInSlices(guest, 20_000_000)).toEqual({ status: "done" });
  expect(guest.fuelUsed).toBe(16_777_218);
});

test("the budget holds when a slice leaves fuel over", async () => {
  // 200,000 is more than what the first slice has left.
  const guest = execution([100_000, 200_000, 1]);
  expect(await runInSlices(guest, 300_000)).toEqual({ status: "paused" });
  expect(guest).toMatchObject({ granted: 300_000, fuelUsed: 300_000 });
});

test("no fuel at all runs what is free", async () => {
  expect(await runInSlices(execution([]), 0)).toEqual({ status: "done" });
  expect(await runInSlices(execution([1]), 0)).toEqual({ status: "paused" });
});

test("the event loop turns between slices", async () => {
  let turns = 0;
  let next: NodeJS.Immediate;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  await runInSlices(execution(ones(5_000_000)), 5_000_000);
  clearImmediate(next);
  expect(turns).toBeGreaterThan(0);
});
