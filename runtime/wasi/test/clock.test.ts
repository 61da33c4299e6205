import { describe, expect, test } from "vitest";
import { DEFAULT_START } from "../../deterministic.js";
import { UsageError } from "../../errors.js";
import { Errno, type WasiClock } from "../index.js";
import { OurGuest } from "./guest.js";

const REALTIME = 0;
const MONOTONIC = 1;
const SECOND = 1_000_000_000n;

function now(guest: OurGuest, clock: number): bigint {
  expect(guest.call("clock_time_get", clock, 0n, 0)).toBe(0);
  return guest.u64(0);
}

interface Subscription {
  type?: number;
  clock?: number;
  timeout?: bigint;
  absolute?: boolean;
  fd?: number;
}

/** Puts subscriptions at 1024; user data count from 100. */
function subscribe(guest: OurGuest, ...subscriptions: Subscription[]): void {
  const view = guest.view();
  subscriptions.forEach(({ type = 0, clock = MONOTONIC, timeout = 0n, absolute = false, fd = 0 }, i) => {
    const at = 1024 + 48 * i;
    for (let k = 0; k < 48; k += 8) view.setBigUint64(at + k, 0n, true);
    view.setBigUint64(at, 100n + BigInt(i), true);
    view.setUint8(at + 8, type);
    view.setUint32(at + 16, type === 0 ? clock : fd, true);
    view.setBigUint64(at + 24, timeout, true);
    view.setUint16(at + 40, absolute ? 1 : 0, true);
  });
}

/** Events at 8192, as user data, error code and type. */
function events(guest: OurGuest): [bigint, number, number][] {
  const view = guest.view();
  return Array.from({ length: guest.u32(0) }, (_, i) => {
    const at = 8192 + 32 * i;
    return [view.getBigUint64(at, true), view.getUint16(at + 8, true), view.getUint8(at + 10)];
  });
}

function poll(guest: OurGuest, ...subscriptions: Subscription[]): [bigint, number, number][] {
  subscribe(guest, ...subscriptions);
  expect(guest.call("poll_oneoff", 1024, 8192, subscriptions.length, 0)).toBe(0);
  return events(guest);
}

describe("clock_time_get", () => {
  test("starts on 2000-01-01 and at zero, and goes on with fuel", async () => {
    const guest = await OurGuest.create();
    const first = now(guest, REALTIME);
    expect(first - DEFAULT_START).toBeLessThan(100n);
    const second = now(guest, REALTIME);
    expect(second).toBeGreaterThan(first);
    expect(now(guest, MONOTONIC)).toBeLessThan(1000n);
  });

  test("starts where the embedder says", async () => {
    const guest = await OurGuest.create({ clockStart: 5n * SECOND });
    expect(now(guest, REALTIME) - 5n * SECOND).toBeLessThan(100n);
    expect(now(guest, MONOTONIC)).toBeLessThan(1000n);
  });

  test("knows two clocks, of which each has a resolution; those of processor time it has not", async () => {
    const guest = await OurGuest.create();
    for (const clock of [2, 3]) {
      expect(guest.call("clock_res_get", clock, 0)).toBe(Errno.badf);
      expect(guest.call("clock_time_get", clock, 0n, 0)).toBe(Errno.badf);
    }
    for (const clock of [0, 1]) expect(guest.call("clock_res_get", clock, 0)).toBe(0);
    expect(guest.u64(0)).toBe(1n);
    for (const clock of [4, -1]) {
      expect(guest.call("clock_res_get", clock, 0)).toBe(Errno.inval);
      expect(guest.call("clock_time_get", clock, 0n, 0)).toBe(Errno.inval);
    }
  });

  test("takes an injected clock, and stays within 64 bits", async () => {
    let time = 7n;
    const guest = await OurGuest.create({ clock: { now: () => time } });
    expect(now(guest, REALTIME)).toBe(7n);
    time = 9n;
    expect(now(guest, MONOTONIC)).toBe(2n);
    time = 1n;
    expect(now(guest, MONOTONIC)).toBe(0n);
    time = 2n ** 70n;
    expect(now(guest, REALTIME)).toBe(2n ** 64n - 1n);
    time = -1n;
    expect(now(guest, REALTIME)).toBe(0n);
  });

  test("checks its pointer", async () => {
    const guest = await OurGuest.create();
    expect(guest.call("clock_time_get", 0, 0n, 131072 - 7)).toBe(Errno.fault);
    expect(guest.call("clock_res_get", 0, -8)).toBe(Errno.fault);
  });
});

describe("poll_oneoff", () => {
  test("on a clock lets exactly that time pass, without waiting", async () => {
    const guest = await OurGuest.create();
    const before = now(guest, MONOTONIC);
    expect(poll(guest, { timeout: 3600n * SECOND })).toEqual([[100n, 0, 0]]);
    const elapsed = now(guest, MONOTONIC) - before;
    expect(elapsed - 3600n * SECOND).toBeGreaterThan(0n);
    expect(elapsed - 3600n * SECOND).toBeLessThan(1000n);
  });

  test("wakes at the nearest of several times, with all that have come", async () => {
    const guest = await OurGuest.create();
    const start = now(guest, MONOTONIC);
    expect(poll(guest, { timeout: 9n * SECOND }, { timeout: 2n * SECOND }, { timeout: 2n * SECOND })).toEqual([
      [101n, 0, 0],
      [102n, 0, 0],
    ]);
    expect((now(guest, MONOTONIC) - start) / SECOND).toBe(2n);
  });

  test("takes absolute times of either clock; one in the past has come", async () => {
    const guest = await OurGuest.create();
    expect(poll(guest, { clock: REALTIME, timeout: DEFAULT_START + 5n * SECOND, absolute: true })).toEqual([
      [100n, 0, 0],
    ]);
    expect(now(guest, MONOTONIC) / SECOND).toBe(5n);
    expect(poll(guest, { timeout: 4n * SECOND, absolute: true }, { timeout: 100n * SECOND })).toEqual([[100n, 0, 0]]);
    expect(now(guest, MONOTONIC) / SECOND).toBe(5n);
  });

  test("gives the same times on every run", async () => {
    const run = async () => {
      const guest = await OurGuest.create();
      poll(guest, { timeout: 123n });
      now(guest, REALTIME);
      poll(guest, { timeout: 5n * SECOND });
      return now(guest, REALTIME);
    };
    expect(await run()).toBe(await run());
  });

  test("sleeps to the end of time and no further", async () => {
    const guest = await OurGuest.create();
    for (let i = 0; i < 3; i++) expect(poll(guest, { timeout: 2n ** 64n - 1n })).toEqual([[100n, 0, 0]]);
    expect(now(guest, REALTIME)).toBe(2n ** 64n - 1n);
  });

  test("finds files and output ready at once, and reports bad descriptors in the event", async () => {
    const guest = await OurGuest.create();
    const subscriptions = [
      { type: 2, fd: 1 },
      { type: 1, fd: 0 },
      { type: 1, fd: 99 },
      { type: 1, fd: 1 },
      { timeout: SECOND },
    ];
    expect(poll(guest, ...subscriptions)).toEqual([
      [100n, 0, 2],
      [101n, 0, 1],
      [102n, Errno.badf, 1],
      [103n, Errno.badf, 1],
    ]);
    expect(now(guest, MONOTONIC)).toBeLessThan(SECOND);
    expect(poll(guest, { clock: 77, timeout: SECOND })).toEqual([[100n, Errno.inval, 0]]);
  });

  test("waits for a stream that is not ready", async () => {
    let arrive = (): void => {};
    let waiting: Promise<void> | undefined = new Promise((resolve) => {
      arrive = resolve;
    });
    const guest = await OurGuest.create({ stdin: { ready: () => waiting, read: () => 0 } });
    subscribe(guest, { type: 1, fd: 0 });
    const execution = guest.execution("poll_oneoff", [1024, 8192, 1, 0]);
    expect(execution.run(10_000)).toEqual({ status: "paused", reason: "host" });
    waiting = undefined;
    arrive();
    await execution.settled();
    expect(execution.run(0)).toEqual({ status: "done", results: [0] });
    expect(events(guest)).toEqual([[100n, 0, 1]]);
  });

  test("prefers time to a stream that is not ready: no race is decided by the host", async () => {
    const guest = await OurGuest.create({ stdin: { ready: () => Promise.resolve(), read: () => 0 } });
    expect(poll(guest, { type: 1, fd: 0 }, { timeout: SECOND })).toEqual([[101n, 0, 0]]);
  });

  test("sleeps on an injected clock that can, and pauses for it", async () => {
    let time = 0n;
    const clock: WasiClock = {
      now: () => time,
      sleep: async (nanoseconds) => {
        await Promise.resolve();
        time += nanoseconds;
      },
    };
    const guest = await OurGuest.create({ clock });
    subscribe(guest, { timeout: 250n });
    expect(await guest.callAsync("poll_oneoff", 1024, 8192, 1, 0)).toBe(0);
    expect(events(guest)).toEqual([[100n, 0, 0]]);
    expect(now(guest, REALTIME)).toBe(250n);
  });

  test("refuses no subscriptions, too many, unknown types and bad pointers, before any time passes", async () => {
    const guest = await OurGuest.create();
    subscribe(guest, { timeout: SECOND });
    expect(guest.call("poll_oneoff", 1024, 8192, 0, 0)).toBe(Errno.inval);
    expect(guest.call("poll_oneoff", 1024, 8192, 1025, 0)).toBe(Errno.inval);
    expect(guest.call("poll_oneoff", 1024, 8192, -1, 0)).toBe(Errno.inval);
    expect(guest.call("poll_oneoff", 131072 - 47, 8192, 1, 0)).toBe(Errno.fault);
    expect(guest.call("poll_oneoff", 1024, 131072 - 31, 1, 0)).toBe(Errno.fault);
    expect(guest.call("poll_oneoff", 1024, 8192, 1, 131072 - 3)).toBe(Errno.fault);
    subscribe(guest, { type: 9 });
    expect(guest.call("poll_oneoff", 1024, 8192, 1, 0)).toBe(Errno.inval);
    expect(now(guest, MONOTONIC)).toBeLessThan(SECOND);
  });

  test("in real time wakes for a stream that comes first, and for a time that comes first", async () => {
    let time = 0n;
    let givenUp = false;
    const stops: (() => void)[] = [];
    const clock: WasiClock = {
      now: () => time,
      sleep: (nanoseconds, until) =>
        new Promise((resolve) => {
          void until?.then(() => {
            givenUp = true;
          });
          stops.push(() => {
            time += nanoseconds;
            resolve();
          });
        }),
    };
    let arrive = (): void => {};
    let waiting: Promise<void> | undefined;
    const stdin = { ready: () => waiting, read: () => 0 };
    const guest = await OurGuest.create({ clock, stdin });
    const pollBoth = async (wake: () => void) => {
      waiting = new Promise((resolve) => {
        arrive = () => {
          waiting = undefined;
          resolve();
        };
      });
      subscribe(guest, { type: 1, fd: 0 }, { timeout: 250n });
      const polling = guest.callAsync("poll_oneoff", 1024, 8192, 2, 0);
      wake();
      expect(await polling).toBe(0);
      return events(guest);
    };
    expect(await pollBoth(() => arrive())).toEqual([[100n, 0, 1]]);
    expect(givenUp).toBe(true);
    expect(await pollBoth(() => stops.at(-1)!())).toEqual([[101n, 0, 0]]);
    expect(time).toBe(250n);
  });

  test("charged, costs what computing for as long costs, and lets that time pass", async () => {
    const guest = await OurGuest.create({ sleep: "charged" });
    const start = now(guest, MONOTONIC);
    subscribe(guest, { timeout: 1_000_000n });
    const execution = guest.execution("poll_oneoff", [1024, 8192, 1, 0]);
    expect(execution.run(500_000)).toEqual({ status: "paused", reason: "fuel" });
    expect(execution.run(1_000_000)).toEqual({ status: "done", results: [0] });
    expect(execution.fuelUsed).toBeGreaterThan(1_000_000);
    expect(execution.fuelUsed).toBeLessThan(1_000_200);
    guest.wasi.fuelBefore += execution.fuelUsed;
    expect(events(guest)).toEqual([[100n, 0, 0]]);
    const elapsed = now(guest, MONOTONIC) - start;
    expect(elapsed).toBeGreaterThanOrEqual(1_000_000n);
    expect(elapsed).toBeLessThan(1_000_500n);
  });

  test("charged, no budget reaches a sleep of years", async () => {
    const guest = await OurGuest.create({ sleep: "charged" });
    subscribe(guest, { timeout: 2n ** 64n - 1n });
    const execution = guest.execution("poll_oneoff", [1024, 8192, 1, 0]);
    expect(execution.run(2 ** 52)).toEqual({ status: "paused", reason: "fuel" });
    await expect(OurGuest.create({ sleep: "charged", clock: { now: () => 0n } })).rejects.toThrow(UsageError);
  });
});
