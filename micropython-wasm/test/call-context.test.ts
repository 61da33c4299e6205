import { describe, expect, test, vi } from "vitest";

/** A class of its own, with a storage that is not made yet. */
async function freshContext() {
  vi.resetModules();
  return (await import("../guest/call-context.js")).CallContext;
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe("call contexts", () => {
  test("make one AsyncLocalStorage in a process: each that was ever used slows every await down", async () => {
    const made = vi.fn();
    const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
    class Counted extends AsyncLocalStorage<unknown> {
      constructor() {
        super();
        made();
      }
    }
    const spy = vi
      .spyOn(process, "getBuiltinModule")
      .mockImplementation(() => ({ AsyncLocalStorage: Counted }) as never);
    try {
      const CallContext = await freshContext();
      for (let i = 0; i < 100; i++) await new CallContext().enter(tick);
      expect(made).toHaveBeenCalledTimes(1);
    } finally {
      spy.mockRestore();
    }
  });

  test("tell sessions apart, also where one calls the other, and across awaits", async () => {
    const CallContext = await freshContext();
    const [a, b, c] = [new CallContext(), new CallContext(), new CallContext()];
    const inside = () => [a, b, c].map((context) => context.isInside);
    const seen: boolean[][] = [inside()];
    await a.enter(async () => {
      seen.push(inside());
      await tick();
      seen.push(inside());
      await b.enter(async () => {
        await tick();
        seen.push(inside());
      });
      seen.push(inside());
    });
    seen.push(inside());
    expect(seen).toEqual([
      [false, false, false],
      [true, false, false],
      [true, false, false],
      [true, true, false],
      [true, false, false],
      [false, false, false],
    ]);
  });

  test("what a call has left running is not inside of it, but inside of what is not over", async () => {
    const CallContext = await freshContext();
    const [outer, inner] = [new CallContext(), new CallContext()];
    let late: Promise<boolean[]> | undefined;
    await outer.enter(async () => {
      inner.enter(() => {
        late = tick().then(() => [outer.isInside, inner.isInside]);
      });
      expect(await late).toEqual([true, false]);
      inner.enter(() => {
        late = new Promise((resolve) => setTimeout(() => resolve([outer.isInside, inner.isInside]), 20));
      });
    });
    expect(await late).toEqual([false, false]);
  });
});
