// How slices of runs follow the clock, which is the test's.
import { expect, test } from "vitest";
import { type EventLoop, SlicePacing } from "../turns.js";

/** An event loop whose clock goes on by what slices take. */
function world() {
  let time = 0;
  const loop: EventLoop = { now: () => time, macrotask: (callback) => callback(), timer: () => () => {} };
  /** Slices of a machine that does so much fuel in a millisecond. */
  const slices = async (pacing: SlicePacing, count: number, speed: number): Promise<number[]> => {
    const given: number[] = [];
    for (let i = 0; i < count; i++) {
      given.push(pacing.sliceFuel());
      time += given.at(-1)! / speed;
      await pacing.turn(0);
    }
    return given;
  };
  return { loop, slices };
}

test("a slice comes to take five milliseconds, whatever the machine does in one", async () => {
  for (const speed of [8_000, 40_000, 400_000]) {
    const { loop, slices } = world();
    const last = (await slices(new SlicePacing(loop), 60, speed)).at(-1)!;
    expect(last / speed, `${speed}`).toBeGreaterThan(4.5);
    expect(last / speed, `${speed}`).toBeLessThan(5.5);
  }
});

test("runs begin with short slices as long as the process is young", async () => {
  const { loop, slices } = world();
  const pacing = new SlicePacing(loop);
  await slices(pacing, 30, 400_000);
  const first: number[] = [];
  for (let run = 0; run < 20; run++) {
    pacing.begin();
    first.push((await slices(pacing, 30, 400_000))[0]!);
  }
  expect(first.slice(0, 10)).toEqual(Array(10).fill(50_000));
  expect(Math.min(...first.slice(10))).toBeGreaterThan(1_000_000);
});
