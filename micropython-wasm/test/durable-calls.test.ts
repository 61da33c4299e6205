// Host calls that pause a run until the embedder answers, in this process or another, and futures of host calls.

import { describe, expect, test } from "vitest";
import { Sandbox, type SandboxResult, SandboxUsageError } from "../index.js";
import { ARTIFACTS } from "./artifacts.js";

const add = (a: number, b: number): number => a + b;
const none = () => {};
const later = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe.each(ARTIFACTS.map((artifact) => [artifact.kind, artifact] as const))(
  "on %s",
  (_kind, { create, restore }) => {
    const code = "a = add(1, 2)\nb = add(a, [1, 'é'], key=2.5)\n[a, b, len(b)]";
    const answers = [3, { text: "x".repeat(100) }];

    test("a run pauses before each call, and goes on with what it is given", async () => {
      let called = 0;
      const sandbox = await create({ functions: { add: () => called++ } });
      const first = await sandbox.run(code, { onHostCall: "pause" });
      expect(first).toMatchObject({ status: "paused", error: { kind: "host-call" }, hostCalls: 0 });
      expect(first.call).toEqual({ id: first.call!.id, name: "add", args: [1, 2], kwargs: {} });
      expect(first.calls).toEqual([first.call]);
      const second = await sandbox.resume(first, { value: answers[0] });
      expect(second.call).toMatchObject({ name: "add", args: [3, [1, "é"]], kwargs: { key: 2.5 } });
      const end = await sandbox.resume(second, { value: answers[1] });
      expect(end).toMatchObject({ status: "ok", value: [3, answers[1], 1], hostCalls: 2 });
      expect(end.call).toBeUndefined();
      expect(called).toBe(0);
      // The next run calls again.
      expect((await sandbox.run("add()")).value).toBe(0);
    });

    test("costs the same whether the function is called, or the run pauses, is saved and goes on elsewhere", async () => {
      let i = 0;
      const direct = await create({ functions: { add: () => answers[i++] }, hostCallFuel: 1000 });
      const whole = await direct.run(code);
      const options = { functions: { add: none }, hostCallFuel: 1000 };
      let sandbox = await create(options);
      let result = await sandbox.run(code, { onHostCall: "pause" });
      for (const value of answers) {
        const bytes = sandbox.snapshot();
        sandbox = await restore(bytes, options);
        // Not toEqual(): of eight million bytes that takes minutes.
        expect(Buffer.compare(sandbox.snapshot(), bytes)).toBe(0);
        expect(sandbox.paused!.call).toEqual(result.call);
        result = await sandbox.resume(sandbox.paused!, { value });
      }
      expect(result).toMatchObject({ status: "ok", value: whole.value, fuel: whole.fuel, hostCalls: 2 });
      expect(sandbox.memoryHash()).toBe(direct.memoryHash());
    });

    test("an error is raised in the guest", async () => {
      const sandbox = await create({ functions: { add } });
      const program = "try:\n  add(1)\nexcept RuntimeError as e:\n  print(e)\nadd(2)";
      const first = await sandbox.run(program, { onHostCall: "pause" });
      const second = await sandbox.resume(first, { error: new RangeError("too large") });
      expect(second.stdout).toBe("RangeError: too large\n");
      const end = await sandbox.resume(second, { error: "not there" });
      expect(end.error).toMatchObject({ type: "RuntimeError", message: "not there" });
    });

    test("each call is answered once, with what it waits for", async () => {
      const sandbox = await create({ functions: { add }, onFuelExhausted: "pause" });
      const paused = await sandbox.run("add(1, 2)", { onHostCall: "pause" });
      const refused: [unknown, string][] = [
        [1000, "waits for the host function add"],
        [{}, "{ value } or { error }"],
        [{ value: 1, error: 2 }, "{ value } or { error }"],
        [[], "with its answer"],
        [{ id: 99, value: 1 }, "no host call 99"],
        [[{ value: 1 }, { value: 2 }], "waits for an answer"],
        [{ value: () => 1 }, "cannot cross"],
        [{ value: "x".repeat(300_000) }, "cannot cross"],
      ];
      for (const [more, message] of refused) {
        const error = await sandbox.resume(paused, more as never).catch((thrown: unknown) => thrown);
        expect(error, message).toBeInstanceOf(SandboxUsageError);
        expect((error as Error).message).toContain(message);
      }
      await expect(sandbox.run("1")).rejects.toThrow("a run is paused");
      expect((await sandbox.resume(paused, { value: 5 })).value).toBe(5);
      await expect(sandbox.resume(paused, { value: 5 })).rejects.toThrow(SandboxUsageError);
      const hungry = await sandbox.run("for i in range(10 ** 5): pass", { fuel: 100_000 });
      expect(hungry).toMatchObject({ status: "paused", error: { kind: "fuel" } });
      await expect(sandbox.resume(hungry, { value: 5 })).rejects.toThrow("waits for fuel");
      expect(hungry.call).toBeUndefined();
    });

    test("it can be given up, undone, forked, and stopped by limits", async () => {
      const sandbox = await create({ functions: { add }, maxHostCalls: 2 });
      const program = "try:\n  add(1, 2)\nexcept BaseException as e:\n  why = str(e)\n  raise";
      await sandbox.run(program, { onHostCall: "pause" });
      expect(await sandbox.abandon()).toBe(false);
      expect((await sandbox.run("why")).value).toMatch(/given up|^$/);
      const paused = await sandbox.run("x = add(1, 2)", { onHostCall: "pause" });
      const fork = await sandbox.fork();
      expect((await fork.resume(fork.paused!, { value: 7 })).status).toBe("ok");
      expect((await fork.run("x")).value).toBe(7);
      await sandbox.rewind();
      await expect(sandbox.resume(paused, { value: 1 })).rejects.toThrow(SandboxUsageError);
      expect((await sandbox.run("'x' in globals()")).value).toBe(false);
      const many = "add(1)\nadd(2)\nadd(3)";
      let result = await sandbox.run(many, { onHostCall: "pause" });
      const moved = await restore(sandbox.snapshot(), { functions: { add }, maxHostCalls: 2 });
      result = moved.paused!;
      for (let i = 0; i < 2; i++) result = await moved.resume(result, { value: i });
      expect(result.error).toMatchObject({ type: "RuntimeError", message: "too many host calls" });
    });

    test("an answer that the run's fuel does not pay for waits until there is more", async () => {
      const options = { functions: { add }, onFuelExhausted: "pause" as const, hostCallFuel: 1_000_000 };
      const sandbox = await create(options);
      let result: SandboxResult = await sandbox.run("add(1, 2) + 1", { onHostCall: "pause", fuel: 2_000_000 });
      // On the WASI build calls may cost less before they pause; this one always fits.
      expect(result.call?.args).toEqual([1, 2]);
      result = await sandbox.resume(result, { value: 10 });
      expect(result).toMatchObject({ status: "ok", value: 11 });
      const short = await sandbox.run("add(1, 2) + 1", { onHostCall: "pause", fuel: 500_000 });
      expect(short).toMatchObject({ status: "paused", error: { kind: "fuel" } });
      const enough = await sandbox.resume(short, 1_000_000);
      expect((await sandbox.resume(enough, { value: 1 })).value).toBe(2);
    });

    test("inputs are globals when the run goes on, elsewhere too", async () => {
      const options = { functions: { add } };
      const program = "def f():\n  return add(1, rows)\nrows = [0]\n[f(), rows, late, raw, add(2)]";
      const rows = [{ item: "té", cents: 350 }, null];
      const inputs = { rows, late: 2n ** 70n, raw: new Uint8Array([0, 255]) };
      let sandbox = await create(options);
      const first = await sandbox.run(program, { onHostCall: "pause", inputs: { rows: 1 } });
      expect(first.call!.args).toEqual([1, [0]]);
      sandbox = await restore(sandbox.snapshot(), options);
      const second = await sandbox.resume(sandbox.paused!, { value: "a".repeat(100) }, { inputs });
      expect(second.call!.args).toEqual([2]);
      const end = await sandbox.resume(second, { value: 5 }, { inputs: { rows: "later" } });
      const value = ["a".repeat(100), rows, inputs.late, inputs.raw, 5];
      expect(end).toMatchObject({ status: "ok", value, hostCalls: 2 });
      expect((await sandbox.run("[rows, add(1, 1)]")).value).toEqual(["later", 2]);
    });

    test("inputs come with an error, too, and are in a snapshot that is taken before the guest has them", async () => {
      const options = { functions: { add }, onFuelExhausted: "pause" as const };
      let sandbox = await create(options);
      const program = "x = 1\ntry:\n  add(1)\nexcept RuntimeError as e:\n  why = str(e)\n[x, why]";
      const given = { error: "no" };
      const inputs = { x: "y".repeat(5_000) };
      const fork = await sandbox.fork();
      const rich = await fork.run(program, { onHostCall: "pause" });
      const whole = await fork.resume(rich, given, { inputs });
      expect(whole.value).toEqual([inputs.x, "no"]);
      const paused = await sandbox.run(program, { onHostCall: "pause", fuel: rich.fuel.used + 20_000 });
      const step = Math.ceil((whole.fuel.used - paused.fuel.used) / 4);
      let result = await sandbox.resume(paused, given, { inputs });
      let stops = 0;
      for (; result.status === "paused"; stops++) {
        expect(result.error.kind).toBe("fuel");
        sandbox = await restore(sandbox.snapshot(), options);
        result = await sandbox.resume(sandbox.paused!, step);
      }
      expect(stops).toBeGreaterThan(1);
      expect(result.value).toEqual(whole.value);
      expect(result.fuel.used).toBe(whole.fuel.used);
    });

    test("a run that is resumed calls functions from there on, or pauses again", async () => {
      const sandbox = await create({ functions: { add } });
      const program = "[add(1, 2), add(3, 4), add(5, 6)]";
      const first = await sandbox.run(program, { onHostCall: "pause" });
      const called = await (await sandbox.fork()).resume(first, { value: 0 }, { onHostCall: "call" });
      expect(called).toMatchObject({ status: "ok", value: [0, 7, 11], hostCalls: 3 });
      const second = await sandbox.resume(first, { value: 0 }, { onHostCall: "pause" });
      expect(second.call!.args).toEqual([3, 4]);
      const rest = await sandbox.resume(second, { error: "no" }, { onHostCall: "call" });
      expect(rest.error).toMatchObject({ type: "RuntimeError", message: "no" });
    });

    test("fuel comes with an answer, and is added to what is left", async () => {
      const sandbox = await create({ functions: { add } });
      const first = await sandbox.run("add(1, 2)", { onHostCall: "pause", fuel: 2_000_000 });
      const end = await sandbox.resume(first, { value: 1 }, { fuel: 1_000_000 });
      expect(end.fuel.limit).toBe(first.fuel.limit + 1_000_000);
    });

    test("what a resumed run is given is checked first: it then still waits", async () => {
      const sandbox = await create({ functions: { add }, onFuelExhausted: "pause" });
      const paused = await sandbox.run("add(1, 2)", { onHostCall: "pause" });
      const refused: [object, object, RegExp][] = [
        [{ value: 1 }, { inputs: { class: 1 } }, /a word of Python's own/],
        [{ value: 1 }, { inputs: { f: () => 1 } }, /the input f cannot be handed over/],
        [{ value: () => 1 }, { inputs: { f: 1 } }, /cannot cross/],
        [{ value: 1 }, { receipt: true }, /receipt is for the beginning/],
      ];
      for (const [answer, options, message] of refused)
        await expect(sandbox.resume(paused, answer as never, options)).rejects.toThrow(message);
      expect((await sandbox.resume(paused, { value: 5 })).value).toBe(5);
      expect((await sandbox.run("'f' in globals()")).value).toBe(false);
      const hungry = await sandbox.run("for i in range(10 ** 5): pass", { fuel: 100_000 });
      for (const options of [{ inputs: { x: 1 } }, { fuel: 1 }])
        await expect(sandbox.resume(hungry, 1, options)).rejects.toThrow(/come with the answer to a host call/);
    });

    test("functions of the guest's cannot wait with a call, and methods of capabilities are called", async () => {
      const sandbox = await create({ functions: { add } });
      const { error } = await sandbox.run("add(lambda: 1)", { onHostCall: "pause" });
      expect(error).toMatchObject({ type: "ValueError" });
      expect(error!.message).toContain("a function cannot be passed");
    });
  },
);

describe("asyncio", () => {
  const gathers =
    "import asyncio\nasync def one(n):\n  try:\n    v = await get(n)\n  except RuntimeError as e:\n    v = str(e)\n" +
    "  print(n, v)\n  return v\nasync def main():\n  return await asyncio.gather(*(one(n) for n in 'abc'))\nasyncio.run(main())";

  test("host functions that return promises run side by side", async () => {
    // None gives its answer before all three have been called: one after the other, they would wait for ever.
    let begun = 0;
    let open!: () => void;
    const all = new Promise<void>((resolve) => {
      open = resolve;
    });
    const get = async (name: string): Promise<string> => {
      if (++begun === 3) open();
      await all;
      if (name === "a") await later(50);
      if (name === "c") throw new RangeError("no c");
      return name.toUpperCase();
    };
    const sandbox = await Sandbox.create({ functions: { get, add } });
    const result = await sandbox.run(gathers);
    expect(result).toMatchObject({ status: "ok", value: ["A", "B", "RangeError: no c"], hostCalls: 3 });
    expect(result.stdout.endsWith("a A\n")).toBe(true);
    // Outside of a loop the guest waits, and functions that return no promise give their values.
    expect((await sandbox.run("get('x')")).value).toBe("X");
    expect((await sandbox.run("async def f(): return add(1, 2)\nasyncio.run(f())")).value).toBe(3);
  });

  test("to_thread, wait_for, cancelling, and callbacks beside", async () => {
    const functions = {
      get: async (name: string) => {
        await later();
        return name;
      },
      never: () => new Promise(() => {}),
      each: async (f: (x: number) => Promise<unknown>) => [await f(1), await f(2)],
    };
    const sandbox = await Sandbox.create({ functions });
    const code = `
import asyncio
async def main():
    t = asyncio.create_task(asyncio.to_thread(never))
    await asyncio.sleep(0)
    t.cancel()
    r = [await asyncio.to_thread(get, "a"), await asyncio.wait_for(get("b"), 5), each(lambda x: x * 2)]
    return r + [(await asyncio.gather(t, return_exceptions=True))[0] is not None, t.cancelled()]
asyncio.run(main())`;
    expect((await sandbox.run(code)).value).toEqual(["a", "b", [2, 4], true, true]);
    const stopped = await sandbox.run("async def f(): await never()\nasyncio.run(f())", { timeout: 100 });
    expect(stopped.status).toBe("timeout");
    expect((await sandbox.run("1 + 1")).value).toBe(2);
    expect(() => sandbox.snapshot()).not.toThrow();
    const dead = await sandbox.run("async def g(): await asyncio.get_running_loop().create_future()\nasyncio.run(g())");
    expect(dead.error).toMatchObject({ type: "RuntimeError" });
  });

  test("several calls wait, and are answered in any order, elsewhere", async () => {
    const options = { functions: { get: async () => {} } };
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      let sandbox = await Sandbox.create(options);
      let result = await sandbox.run(gathers, { onHostCall: "pause" });
      const all = result.calls!;
      expect(all.map(({ args }) => args[0])).toEqual(["a", "b", "c"]);
      await expect(sandbox.resume(result, { value: 1 })).rejects.toThrow("3 host calls wait");
      for (const i of order) {
        sandbox = await Sandbox.restore(sandbox.snapshot(), options);
        const { id, args } = all[i]!;
        result = await sandbox.resume(sandbox.paused!, i === 1 ? { id, error: "broke" } : { id, value: args[0] });
      }
      expect(result).toMatchObject({ status: "ok", value: ["a", "broke", "c"], hostCalls: 3 });
      expect(result.stdout.split("\n").slice(0, 3)).toEqual(order.map((i) => ["a a", "b broke", "c c"][i]));
    }
    const sandbox = await Sandbox.create(options);
    const first = await sandbox.run(gathers, { onHostCall: "pause" });
    const both = first.calls!.slice(1).map(({ id }) => ({ id, value: id }));
    const rest = await sandbox.resume(first, both);
    expect(rest.calls).toEqual([first.calls![0]]);
    expect((await sandbox.resume(rest, { value: "A" })).status).toBe("ok");
  });

  test("futures take inputs, and a call that waits beside them is answered by the function", async () => {
    const functions = { get: async (name: string) => name.toUpperCase(), add };
    const sandbox = await Sandbox.create({ functions });
    const program =
      "import asyncio\nasync def one(n):\n  v = await get(n)\n  return [v, x, add(1, 1)]\nx = 1\n" +
      "async def main():\n  return await asyncio.gather(one('a'), one('b'))\nasyncio.run(main())";
    const first = await sandbox.run(program, { onHostCall: "pause" });
    const [a, b] = first.calls!;
    const second = await sandbox.resume(first, { id: b!.id, value: "B" }, { inputs: { x: 2 } });
    expect(second.calls!.map(({ name }) => name)).toEqual(["add", "get"]);
    const third = await sandbox.resume(second, { id: second.call!.id, value: 5 }, { onHostCall: "call" });
    expect(third.calls!.map(({ id }) => id)).toEqual([a!.id]);
    const end = await sandbox.resume(third, { value: "A" }, { inputs: { x: 3 } });
    expect(end.value).toEqual([
      ["A", 3, 2],
      ["B", 2, 5],
    ]);
  });

  test("await works outside of functions, in a session", async () => {
    const get = async (name: string): Promise<string> => {
      await later();
      return name.toUpperCase();
    };
    const sandbox = await Sandbox.create({ functions: { get } });
    await sandbox.run("import asyncio\nasync def f(x):\n  await asyncio.sleep(1)\n  return x");
    const values: [string, unknown][] = [
      ["await f(3)", 3],
      ["t = asyncio.create_task(f(4), name='n')\n[await t, t.get_name()]", [4, "n"]],
      ["await asyncio.gather(get('a'), f(1), get('b'))", ["A", 1, "B"]],
      ["[await f(x) for x in range(3) if x != 1]", [0, 2]],
      ["[\n  await f(1),\n  await get('z')\n]", [1, "Z"]],
      ["lock = asyncio.Lock()\nasync with lock:\n  held = lock.locked()\n[held, lock.locked()]", [true, false]],
    ];
    for (const [code, value] of values) expect((await sandbox.run(code)).value, code).toEqual(value);
    const { error } = await sandbox.run("x = 1\nraise ValueError(await f('why'))");
    expect(error).toMatchObject({ type: "ValueError", message: "why" });
    expect(error!.traceback).toContain("line 2");
  });
});
