import { describe, expect, test } from "vitest";
import { SandboxUsageError } from "../../guest/errors.js";
import type { SandboxSession } from "../../session/sandbox-types.js";
import { SandboxTable } from "../sandbox-table.js";
import { type SandboxFactory, SandboxRequestError, type SandboxTableOptions } from "../table-types.js";
import { sandboxes as factoryOf } from "./support/sandboxes.js";

function table(options: SandboxTableOptions = {}, factory: SandboxFactory = factoryOf()) {
  let time = 0;
  const made = new SandboxTable(factory, { now: () => time, ...options });
  const pass = (ms: number) => {
    time += ms;
  };
  return { table: made, pass };
}

/** A factory whose sandboxes answer when they are told to. */
function waiting() {
  const finish: (() => void)[] = [];
  const closed: number[] = [];
  let made = 0;
  const create = async (): Promise<SandboxSession> => {
    const number = ++made;
    const real = await factoryOf().create();
    const run = real.run.bind(real);
    return Object.assign(real, {
      run: async (code: string) => {
        await new Promise<void>((resolve) => finish.push(resolve));
        return run(code);
      },
      close: () => void closed.push(number),
    });
  };
  return { factory: { create, restore: create } as SandboxFactory, finish, closed };
}

describe("runs", () => {
  test("a new sandbox has an id by which its variables are found again", async () => {
    const { table: sandboxes } = table();
    const first = await sandboxes.run("x = 20");
    expect(first).toMatchObject({ id: "sandbox-1", isNew: true });
    const second = await sandboxes.run("x + 1", { id: first.id });
    expect(second).toMatchObject({ id: "sandbox-1", isNew: false, result: { status: "ok", value: 21 } });
    expect((await sandboxes.run("'x' in globals()")).result.value).toBe(false);
  });

  test("reset forgets the variables and keeps the id", async () => {
    const { table: sandboxes } = table();
    await sandboxes.run("x = 1");
    const again = await sandboxes.run("'x' in globals()", { id: "sandbox-1", reset: true });
    expect(again).toMatchObject({ id: "sandbox-1", isNew: true, result: { value: false } });
  });

  test("an unknown id is answered with those that exist", async () => {
    const { table: sandboxes } = table();
    await sandboxes.run("1");
    await expect(sandboxes.run("1", { id: "sandbox-7" })).rejects.toThrow(
      'There is no sandbox "sandbox-7". Open: sandbox-1. Leave sandbox_id out to get a new one',
    );
    await expect(sandboxes.run("1", { id: "sandbox-7", reset: true })).rejects.toThrow(SandboxRequestError);
  });
});

describe("the cap", () => {
  test("the sandbox used longest ago sleeps when a new one is asked for, and wakes as it was", async () => {
    const { table: sandboxes, pass } = table({ maxSandboxes: 2 });
    await sandboxes.run("x = [1]");
    pass(10);
    await sandboxes.run("2");
    pass(10);
    await sandboxes.run("x.append(2)", { id: "sandbox-1" });
    await sandboxes.run("3");
    const asleep = () => sandboxes.list().sandboxes.map((sandbox) => sandbox.asleep);
    expect(asleep()).toEqual([false, true, false]);
    pass(10);
    await sandboxes.run("3", { id: "sandbox-3" });
    // Two requests wake one sandbox, once.
    const woken = await Promise.all([1, 2].map(() => sandboxes.run("'x' in globals()", { id: "sandbox-2" })));
    expect(woken.map(({ result }) => result.value)).toEqual([false, false]);
    expect(asleep()).toEqual([true, false, false]);
    pass(10);
    expect((await sandboxes.run("x", { id: "sandbox-1" })).result.value).toEqual([1, 2]);
    expect(sandboxes.list().sandboxes.map(({ runs }) => runs)).toEqual([3, 3, 2]);
    // Asleep, it can be started afresh or closed as well.
    const { id } = sandboxes.list().sandboxes.find((sandbox) => sandbox.asleep)!;
    expect((await sandboxes.run("'x' in globals()", { id, reset: true })).result.value).toBe(false);
    sandboxes.close(sandboxes.list().sandboxes.find((sandbox) => sandbox.asleep)!.id);
    expect(asleep()).toEqual([false, false]);
  });

  test("where none may sleep it is closed, and its id says what became of it", async () => {
    const { table: sandboxes, pass } = table({ maxSandboxes: 1, maxAsleep: 0 });
    await sandboxes.run("1");
    pass(10);
    await sandboxes.run("2");
    expect(sandboxes.list().sandboxes.map(({ id }) => id)).toEqual(["sandbox-2"]);
    await expect(sandboxes.run("1", { id: "sandbox-1" })).rejects.toThrow(
      "sandbox-1 is closed: it was the one used longest ago when a new one was asked for, and 1 is the most.",
    );
    // What is closed can be started afresh.
    expect(await sandboxes.run("2", { id: "sandbox-1", reset: true })).toMatchObject({ id: "sandbox-1", isNew: true });
  });

  test("of those asleep, the one used longest ago is closed beyond their own cap, in number or bytes", async () => {
    const { table: other } = table();
    await other.run("x = 1");
    const { bytes } = other.snapshot("sandbox-1");
    for (const options of [{ maxAsleep: 1 }, { maxSnapshotBytes: Math.round(bytes * 1.5) }]) {
      const { table: sandboxes, pass } = table({ maxSandboxes: 1, ...options });
      for (let i = 0; i < 3; i++) {
        await sandboxes.run("x = 1");
        pass(10);
      }
      expect(sandboxes.list().sandboxes.map(({ id, asleep }) => [id, asleep])).toEqual([
        ["sandbox-2", true],
        ["sandbox-3", false],
      ]);
      await expect(sandboxes.run("1", { id: "sandbox-1" })).rejects.toThrow("no more sleeping sandboxes are kept");
    }
  });

  test("a sandbox that is being woken is not closed to make room for those asleep", async () => {
    let open = 0;
    const counting = (session: SandboxSession): SandboxSession => {
      open++;
      const { close } = session;
      return Object.assign(session, {
        close: () => {
          open--;
          close.call(session);
        },
      });
    };
    const real = factoryOf();
    const factory: SandboxFactory = {
      create: async () => counting(await real.create()),
      restore: async (snapshot) => counting(await real.restore(snapshot)),
    };
    const { table: sandboxes, pass } = table({ maxSandboxes: 1, maxAsleep: 1 }, factory);
    await sandboxes.run("x = 1");
    pass(10);
    await sandboxes.run("x = 2");
    // The second one goes to sleep while the first one wakes: there is never more than one asleep.
    expect((await sandboxes.run("x", { id: "sandbox-1" })).result.value).toBe(1);
    expect((await sandboxes.run("x", { id: "sandbox-2" })).result.value).toBe(2);
    expect(sandboxes.list().sandboxes).toHaveLength(2);
    expect(open).toBe(1);
    sandboxes.dispose();
    expect(open).toBe(0);
  });

  test("sandboxes that run are never closed for it, also when requests come at the same time", async () => {
    const { factory, finish, closed } = waiting();
    const { table: sandboxes } = table({ maxSandboxes: 2 }, factory);
    const runs = [sandboxes.run("1"), sandboxes.run("2"), sandboxes.run("3")];
    // The third one waits in line.
    expect(sandboxes.list().sandboxes).toHaveLength(2);
    while (finish.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(() => sandboxes.close("sandbox-1")).toThrow("sandbox-1 is running");
    expect(() => sandboxes.snapshot("sandbox-1")).toThrow("sandbox-1 is running");
    await expect(sandboxes.run("1", { id: "sandbox-1", reset: true })).rejects.toThrow("Reset it when the run is over");
    for (const resolve of finish) resolve();
    await Promise.all(runs.slice(0, 2));
    // In the place of one of those that are done, which sleeps now.
    while (finish.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    finish[2]!();
    expect(await runs[2]).toMatchObject({ id: "sandbox-3", result: { status: "ok", value: 3 } });
    expect(closed).toHaveLength(1);
  });

  test("requests that wait are told their place, are served in turn, and can be cancelled", async () => {
    const { factory, finish } = waiting();
    const { table: sandboxes } = table({ maxSandboxes: 1 }, factory);
    const places: string[] = [];
    const ask = (name: string, signal?: AbortSignal) =>
      sandboxes.run(`'${name}'`, { signal, onWaiting: (before) => places.push(`${name} ${before}`) });
    const cancelled = new AbortController();
    const first = ask("a");
    const second = ask("b", cancelled.signal);
    const third = ask("c");
    expect(places).toEqual(["b 0", "c 1"]);
    cancelled.abort(new Error("not any more"));
    await expect(second).rejects.toThrow("not any more");
    expect(places.slice(2)).toEqual(["c 0"]);
    while (finish.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    finish[0]!();
    await first;
    while (finish.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(places.slice(3)).toEqual([]);
    const last = ask("d");
    sandboxes.dispose();
    await expect(last).rejects.toThrow("The server has ended.");
    finish[1]!();
    await third.catch(() => {});
  });

  test("only so many wait in line", async () => {
    const { factory, finish } = waiting();
    const { table: sandboxes } = table({ maxSandboxes: 1 }, factory);
    const first = sandboxes.run("1");
    const line = Array.from({ length: 100 }, () => sandboxes.run("2"));
    await expect(sandboxes.run("3")).rejects.toThrow("All 1 sandboxes are running, and 100 requests wait for one.");
    while (finish.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    sandboxes.dispose();
    const turnedAway = await Promise.allSettled(line);
    expect(turnedAway.every(({ status }) => status === "rejected")).toBe(true);
    finish[0]!();
    await first.catch(() => {});
  });

  test("only so many runs wait for one sandbox", async () => {
    const { factory, finish } = waiting();
    const { table: sandboxes } = table({}, factory);
    const first = sandboxes.run("1");
    const others = Array.from({ length: 99 }, () => sandboxes.run("1", { id: "sandbox-1" }));
    await expect(sandboxes.run("1", { id: "sandbox-1" })).rejects.toThrow("Wait until some are over");
    while (finish.length < 100) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const resolve of finish) resolve();
    await Promise.all([first, ...others]);
    expect((await sandboxes.list()).sandboxes[0]).toMatchObject({ busy: false, runs: 100 });
  });
});

describe("time", () => {
  test("puts idle sandboxes to sleep, and closes those that nobody uses", async () => {
    const { table: sandboxes, pass } = table({ idleMs: 120_000, keepMs: 7_200_000 });
    await sandboxes.run("x = 1");
    pass(119_999);
    expect(sandboxes.list().sandboxes[0]).toMatchObject({ asleep: false });
    pass(1);
    expect(sandboxes.list().sandboxes[0]).toMatchObject({ asleep: true, idleMs: 120_000 });
    // Asleep, it is a snapshot already.
    expect(sandboxes.snapshot("sandbox-1").bytes).toBeGreaterThan(0);
    pass(120_000);
    expect((await sandboxes.run("x", { id: "sandbox-1" })).result.value).toBe(1);
    pass(7_200_000);
    expect(sandboxes.list().sandboxes).toEqual([]);
    await expect(sandboxes.run("1", { id: "sandbox-1" })).rejects.toThrow(
      "sandbox-1 is closed: it had not been used for 2 hours. Its variables are gone.",
    );
  });

  test("closes what cannot sleep", async () => {
    const factory: SandboxFactory = {
      ...factoryOf(),
      create: async () =>
        Object.assign(await factoryOf().create(), {
          snapshot: () => {
            throw new Error("not now");
          },
        }),
    };
    const { table: sandboxes, pass } = table({ idleMs: 120_000 }, factory);
    await sandboxes.run("1");
    expect(() => sandboxes.snapshot("sandbox-1")).toThrow("No snapshot of sandbox-1 can be taken now: not now");
    pass(120_000);
    await expect(sandboxes.run("1", { id: "sandbox-1" })).rejects.toThrow("it had been idle for 2 minutes");
  });
});

describe("owners", () => {
  test("see, use, restore and close what is theirs alone", async () => {
    const { table: sandboxes } = table();
    const [a, b] = [{ owner: "a" }, { owner: "b" }];
    await sandboxes.run("x = 1", a);
    sandboxes.snapshot("sandbox-1", a);
    const none = /^There is no sandbox "sandbox-1"\. None is open\. /;
    await expect(sandboxes.run("x", { ...b, id: "sandbox-1" })).rejects.toThrow(none);
    await expect(sandboxes.run("x", { ...b, id: "sandbox-1", reset: true })).rejects.toThrow(none);
    await expect(sandboxes.visit("sandbox-1", () => 1, b)).rejects.toThrow(none);
    expect(() => sandboxes.snapshot("sandbox-1", b)).toThrow(none);
    expect(() => sandboxes.close("sandbox-1", b)).toThrow(none);
    const noSnapshot = /^There is no snapshot "snapshot-1"\. None has been taken/;
    await expect(sandboxes.restore("snapshot-1", b)).rejects.toThrow(noSnapshot);
    expect(() => sandboxes.forgetSnapshot("snapshot-1", b)).toThrow(noSnapshot);
    expect(sandboxes.list(b)).toEqual({ sandboxes: [], snapshots: [] });
    expect(sandboxes.list(a)).toMatchObject({ sandboxes: [{ id: "sandbox-1" }], snapshots: [{ id: "snapshot-1" }] });
    sandboxes.close("sandbox-1", a);
    // What became of it is not theirs to know either.
    await expect(sandboxes.run("x", { ...b, id: "sandbox-1" })).rejects.toThrow(none);
    await expect(sandboxes.run("x", { ...a, id: "sandbox-1" })).rejects.toThrow("it was closed on request");
    sandboxes.leave("a");
    expect(sandboxes.list(a)).toEqual({ sandboxes: [], snapshots: [] });
  });

  test("who has most sandboxes asleep loses the first of them, and nobody else", async () => {
    const { table: sandboxes, pass } = table({ maxSandboxes: 1, maxAsleep: 2 });
    for (const owner of ["a", "b", "b", "b"]) {
      await sandboxes.run("1", { owner });
      pass(10);
    }
    expect(sandboxes.list({ owner: "a" }).sandboxes.map(({ id }) => id)).toEqual(["sandbox-1"]);
    expect(sandboxes.list({ owner: "b" }).sandboxes.map(({ id }) => id)).toEqual(["sandbox-3", "sandbox-4"]);
  });

  test("secret ids cannot be guessed", async () => {
    const { table: sandboxes } = table({ secretIds: true });
    const ids = [(await sandboxes.run("1")).id, (await sandboxes.run("1")).id];
    for (const [i, id] of ids.entries()) expect(id).toMatch(new RegExp(`^sandbox-${i + 1}-[\\w-]{12}$`));
    expect(ids[0]!.slice(-12)).not.toBe(ids[1]!.slice(-12));
  });
});

describe("snapshots", () => {
  test("branch off, any number of times, and outlive their sandbox", async () => {
    const { table: sandboxes } = table();
    await sandboxes.run("x = [1]");
    expect(sandboxes.snapshot("sandbox-1")).toMatchObject({ id: "snapshot-1", of: "sandbox-1" });
    await sandboxes.run("x.append(2)", { id: "sandbox-1" });
    sandboxes.close("sandbox-1");
    const [a, b] = [await sandboxes.restore("snapshot-1"), await sandboxes.restore("snapshot-1")];
    await sandboxes.run("x.append(3)", { id: a.id });
    expect((await sandboxes.run("x", { id: a.id })).result.value).toEqual([1, 3]);
    expect((await sandboxes.run("x", { id: b.id })).result.value).toEqual([1]);
  });

  test("are capped in number and in bytes, and can be dropped", async () => {
    const { table: sandboxes } = table({ maxSnapshots: 1 });
    await sandboxes.run("x = 1");
    sandboxes.snapshot("sandbox-1");
    expect(() => sandboxes.snapshot("sandbox-1")).toThrow("Drop one with close(snapshot_id): snapshot-1.");
    sandboxes.forgetSnapshot("snapshot-1");
    expect(sandboxes.snapshot("sandbox-1").id).toBe("snapshot-2");
    await expect(sandboxes.restore("snapshot-1")).rejects.toThrow(
      'There is no snapshot "snapshot-1". There are: snapshot-2.',
    );
    const { table: small } = table({ maxSnapshotBytes: 4 });
    await small.run("x = 1");
    expect(() => small.snapshot("sandbox-1")).toThrow("4 bytes of snapshots at most. None can be taken");
  });
});

test("a sandbox that cannot be started, or breaks, is an answer and leaves no trace", async () => {
  const broken: SandboxFactory = {
    create: () => Promise.reject(new Error("no room")),
    restore: () => Promise.reject(new Error("altered")),
  };
  const { table: sandboxes } = table({ maxSandboxes: 1 }, broken);
  for (let i = 0; i < 3; i++) await expect(sandboxes.run("1")).rejects.toThrow("could not be started: no room");

  const breaking: SandboxFactory = {
    ...broken,
    create: async () => Object.assign(await factoryOf().create(), { run: () => Promise.reject(new Error("trap")) }),
  };
  const { table: fragile } = table({}, breaking);
  await expect(fragile.run("1")).rejects.toThrow("sandbox-1 broke and was closed: trap.");
  expect(fragile.list().sandboxes).toEqual([]);
});

test("a server that ends closes what runs, and what is being made", async () => {
  const { table: sandboxes } = table({}, factoryOf({ fuel: 2 ** 50 }));
  await sandboxes.run("1");
  const running = sandboxes.run("while True: pass", { id: "sandbox-1" });
  const starting = sandboxes.run("1");
  await new Promise((resolve) => setTimeout(resolve, 20));
  sandboxes.dispose();
  expect((await running).result.status).toBe("aborted");
  await starting.catch((error: unknown) => expect(error).toBeInstanceOf(SandboxRequestError));
  expect(sandboxes.list().sandboxes).toEqual([]);
});

test.each([
  [{ maxSandboxs: 3 }, /^there is no option maxSandboxs: did you mean maxSandboxes\?/],
  [{ timeoutMs: "5s" }, /^timeoutMs is a number from 0, not "5s"$/],
  [{ keepMs: -1 }, /^keepMs is a number from 0, not -1$/],
  [{ now: 0 }, /^now is a function, not 0$/],
])("a table refuses the options %j", (options, message) => {
  const make = () => new SandboxTable({} as never, options as never);
  expect(make).toThrow(SandboxUsageError);
  expect(make).toThrow(message);
});
