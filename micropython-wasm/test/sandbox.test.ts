// biome-ignore-all lint/suspicious/noThenProperty: objects that promise something are what is tested
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import {
  capability,
  type PythonCallable,
  PythonObject,
  type Sandbox,
  type SandboxFunction,
  type SandboxOptions,
  type SandboxResult,
} from "../index.js";
import { type EventLoop, hostEventLoop } from "../interpreter/turns.js";
import { ARTIFACTS } from "./artifacts.js";

const LOOP = "n = 0\nwhile True:\n  n += 1";
const ENDLESS = 1e15;

const functions = {
  add: (a: number, b: number) => a + b,
  later: async (value: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return value;
  },
  never: () => new Promise(() => {}),
};

describe.each(ARTIFACTS)("$kind:", (artifact) => {
  const create = (options: SandboxOptions = {}) => artifact.create({ functions, ...options });

  describe("a session", () => {
    test("keeps variables, functions, classes, imports and open files from run to run", async () => {
      const sandbox = await create();
      const first = await sandbox.run("x = add(2, 3)\nprint(x)");
      expect(first).toMatchObject({ status: "ok", stdout: "5\n", error: null, hostCalls: 1, rewound: false });
      expect(first.fuel.used + first.fuel.left).toBe(first.fuel.limit);
      await sandbox.run("import json\nclass A:\n  y = 2\ndef f(): return x + A.y\nfile = open('a.txt', 'w')");
      expect((await sandbox.run("file.write('hello')\nfile.close()\njson.dumps([f()])")).value).toBe("[7]");
      expect(new TextDecoder().decode(sandbox.readFile("a.txt"))).toBe("hello");
    });

    test("survives an exception, whose type, message and traceback it tells with the output so far", async () => {
      const sandbox = await create();
      const result = await sandbox.run("x = 1\nprint('before')\ndef f():\n  return 1 // 0\nf()");
      expect(result).toMatchObject({ status: "error", stdout: "before\n" });
      expect(result.error).toMatchObject({
        kind: "exception",
        type: "ZeroDivisionError",
        message: expect.stringMatching(/^(?:integer division or modulo|divi(?:de|sion)) by zero$/),
      });
      expect(result.error!.traceback).toContain("line 4, in f");
      expect((await sandbox.run("x")).value).toBe(1);
    });

    test("goes on if the host has no room for the picture of its idle memory", async () => {
      const sandbox = await create();
      let failures = 0;
      const { python } = sandbox as unknown as { python: { hibernate(): void } };
      python.hibernate = () => {
        failures++;
        throw new RangeError("Array buffer allocation failed");
      };
      expect((await sandbox.run("x = 1")).status).toBe("ok");
      // It sleeps at the next turn of the event loop.
      await vi.waitUntil(() => failures > 0);
      expect((await sandbox.run("x + 1")).value).toBe(2);
    });

    test("keeps an error of falling asleep for whoever takes the next picture: nobody waits where it sleeps", async () => {
      const loop = hostEventLoop();
      const thrown: unknown[] = [];
      const watched = (callback: () => void) => () => {
        try {
          callback();
        } catch (error) {
          thrown.push(error);
        }
      };
      const eventLoop = {
        now: loop.now,
        macrotask: (callback: () => void) => loop.macrotask(watched(callback)),
        timer: (callback: () => void, ms: number) => loop.timer(watched(callback), ms),
      };
      const sandbox = await create({ eventLoop });
      const { python } = sandbox as unknown as {
        python: { hibernate(): void; guest: { subject: { instances: unknown[] } } };
      };
      const { instances } = python.guest.subject;
      expect((await sandbox.run("x = 1")).status).toBe("ok");
      let asleep = 0;
      const hibernate = python.hibernate.bind(python);
      python.hibernate = () => {
        asleep++;
        hibernate();
      };
      // A subject that has an instance twice is no subject of a picture: a fault, and no want of room.
      instances.push(instances[0]);
      await vi.waitUntil(() => asleep > 0);
      expect(thrown).toEqual([]);
      const fault = expect.objectContaining({ name: "SnapshotError", message: expect.stringContaining("given twice") });
      await expect(sandbox.run("x = 2")).rejects.toEqual(fault);
      expect(() => sandbox.snapshot()).toThrow(fault);
      await expect(sandbox.fork()).rejects.toEqual(fault);
      await vi.waitUntil(() => asleep > 1);
      expect(thrown).toEqual([]);
      instances.pop();
      expect((await sandbox.run("x")).value).toBe(1);
    });

    test("tells the class of a value that is too large or too deep, at the cost of making it", async () => {
      const sandbox = await create();
      const large = [
        ["list(range(30_000))", "list"],
        ["tuple(range(30_000))", "tuple"],
        ["'x' * 270_000", "str"],
        ["b'x' * 270_000", "bytes"],
        ["x = bytearray(270_000)\nx", "bytearray"],
        ["1 << 140_000", "int"],
        ["dict.fromkeys(range(30_000))", "dict"],
        ["set(range(30_000))", "set"],
        ["frozenset(range(30_000))", "frozenset"],
        ["x = []\nfor i in range(40): x = [x]\nx", "list"],
      ];
      for (const [code, type] of large)
        expect((await sandbox.run(code!, { fuel: 100_000_000 })).value, code).toEqual(new PythonObject(type!));
    });

    test("out of fuel, gives the run up and keeps what it has done", async () => {
      const sandbox = await create({ fuel: 2_000_000 });
      const result = await sandbox.run(`print("hi")\n${LOOP}`);
      expect(result).toMatchObject({ status: "out-of-fuel", stdout: "hi\n", rewound: false, value: undefined });
      expect(result.fuel).toMatchObject({ limit: 2_000_000, used: 2_000_000, left: 0 });
      const { value } = await sandbox.run("n");
      expect(value).toBeGreaterThan(100);
      expect((await sandbox.run("try:\n  add(1, 1)\nfinally:\n  done = 1\ndone")).value).toBe(1);
    });

    test("runs finally clauses of a run that is given up", async () => {
      const sandbox = await create({ fuel: 2_000_000 });
      await sandbox.run("try:\n  while True: pass\nfinally:\n  tidy = True");
      expect((await sandbox.run("tidy")).value).toBe(true);
    });

    test.each([
      ["catches everything", "while True:\n  try:\n    while True: x = 2\n  except BaseException: pass"],
      ["never comes back from C", "x = 2\n10 ** 10 ** 7"],
    ])("goes back to before a run that %s", async (_name, code) => {
      const sandbox = await create({ fuel: 2_000_000 });
      await sandbox.run("x = 1");
      expect(await sandbox.run(code)).toMatchObject({ status: "out-of-fuel", rewound: true });
      expect((await sandbox.run("x")).value).toBe(1);
    });

    test("stops at its fuel at the same instruction every time", async () => {
      const run = async () => {
        const sandbox = await create({ fuel: 3_000_000 });
        await sandbox.run(LOOP);
        return (await sandbox.run("import random\n[n, random.random(), id(object())]")).value;
      };
      expect(await run()).toEqual(await run());
    });

    test("pauses instead, by option, and goes on to the same end", async () => {
      const code = "t = 0\nfor i in range(3000):\n  t += i\nprint(t)\nt";
      const whole = await (await create()).run(code);
      const sandbox = await create({ onFuelExhausted: "pause", fuel: 100_000 });
      let result: SandboxResult = await sandbox.run(code);
      await expect(sandbox.run("1")).rejects.toThrow("a run is paused");
      let pauses = 0;
      while (result.status === "paused") {
        pauses++;
        const last = result;
        result = await sandbox.resume(last, 300_000);
        await expect(sandbox.resume(last, 1)).rejects.toThrow("not the result of a run that is paused");
      }
      expect(pauses).toBeGreaterThan(1);
      expect(result).toMatchObject({ status: "ok", stdout: whole.stdout, value: whole.value });
      expect(result.fuel.used).toBe(whole.fuel.used);
    });

    test("tells where a paused run stands, which does not notice", async () => {
      const code = "def inner(n):\n  print('in')\n  while n: n += 1\ndef outer():\n\n  inner(1)\nouter()";
      const seen: string[] = [];
      const onStdout = (bytes: Uint8Array): void => void seen.push(new TextDecoder().decode(bytes));
      const sandbox = await create({ onFuelExhausted: "pause", fuel: 500_000, onStdout });
      await expect(sandbox.where()).rejects.toThrow("no run is paused");
      const result = await sandbox.run(code);
      const before = sandbox.memoryHash();
      const frames = (await sandbox.where())!;
      expect(frames.slice(-3)).toEqual([
        { file: expect.any(String), line: 7, function: "<module>" },
        { file: frames.at(-1)!.file, line: 6, function: "outer" },
        { file: frames.at(-1)!.file, line: 3, function: "inner" },
      ]);
      expect(sandbox.memoryHash()).toBe(before);
      expect(seen.join("")).toBe("in\n");
      expect((await sandbox.resume(result, 1000)).fuel.used).toBe(501_000);
      expect(await sandbox.where()).toEqual(frames);
    });

    test("tells nothing of a program that catches whatever interrupts it", async () => {
      const sandbox = await create({ onFuelExhausted: "pause", fuel: 500_000 });
      await sandbox.run("while True:\n  try:\n    while True: n = 0\n  except BaseException: pass");
      expect(await sandbox.where()).toBeUndefined();
    });

    test("shows the guest's memory", async () => {
      const sandbox = await create();
      await sandbox.run("mark = bytes([251, 7, 133, 66] * 16)");
      const needle = String.fromCharCode(...[251, 7, 133, 66, 251, 7, 133, 66, 251, 7, 133, 66]);
      expect(Buffer.from(sandbox.readMemory()).toString("latin1")).toContain(needle);
    });

    test("gives up a paused run on request", async () => {
      const sandbox = await create({ onFuelExhausted: "pause", fuel: 500_000 });
      expect((await sandbox.run(LOOP)).status).toBe("paused");
      expect(await sandbox.abandon()).toBe(false);
      expect((await sandbox.run("n > 1")).value).toBe(true);
      await sandbox.run("while True:\n  try:\n    while True: n = 0\n  except BaseException: pass");
      expect(await sandbox.abandon()).toBe(true);
      expect((await sandbox.run("n > 1")).value).toBe(true);
      expect(await sandbox.abandon()).toBe(false);
    });

    test("out of memory, is usable as well", async () => {
      const sandbox = await create({ memory: "20MiB", fuel: 1e9 });
      const result = await sandbox.run("l = []\nwhile True: l.append(bytearray(1000000))");
      expect(result).toMatchObject({ status: "out-of-memory", error: { type: "MemoryError" } });
      if (artifact.kind !== "cpython") expect(result.memory.limitBytes).toBe(20 * 2 ** 20);
      expect(result.memory.peakBytes).toBeLessThanOrEqual(result.memory.limitBytes);
      expect((await sandbox.run("n = len(l)\ndel l\nn")).value).toBeGreaterThan(6);
    });

    test("queues runs", async () => {
      const sandbox = await create();
      const results = await Promise.all(["x = 1", "x += later(1)", "x += 1", "x"].map((code) => sandbox.run(code)));
      expect(results.at(-1)!.value).toBe(3);
    });

    test("has a budget of fuel for all runs, if it is given one", async () => {
      const sandbox = await create({ sessionFuel: 1_000_000 });
      await sandbox.run("x = 1");
      expect((await sandbox.run(LOOP)).status).toBe("out-of-fuel");
      expect(sandbox.sessionFuelLeft).toBe(0);
      expect(await sandbox.run("1")).toMatchObject({ status: "out-of-fuel", fuel: { limit: 0 } });
    });

    test("refuses a run inside a host function of its own", async () => {
      let sandbox: Sandbox | undefined;
      sandbox = await artifact.create({
        functions: {
          now: () => sandbox!.run("1"),
          later: async () => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            return sandbox!.run("1");
          },
        },
      });
      for (const name of ["now", "later"])
        expect((await sandbox.run(`${name}()`)).error?.message).toContain("cannot use the session that is waiting");
    });

    test("lets what a host function has left running use the session later", async () => {
      let later: Promise<SandboxResult> | undefined;
      const sandbox: Sandbox = await artifact.create({
        functions: {
          start: async () => {
            later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => sandbox.run("x + 1"));
          },
        },
      });
      expect((await sandbox.run("start()\nx = 1")).status).toBe("ok");
      expect((await later!).value).toBe(2);
    });

    describe("without AsyncLocalStorage", () => {
      /** What waits for a time to pass: none does by itself. */
      const timers = new Set<() => void>();
      const elapse = () => {
        const due = [...timers];
        timers.clear();
        for (const callback of due) callback();
      };
      const create = async (functions: Record<string, SandboxFunction>) => {
        const { getBuiltinModule } = process;
        Object.assign(process, { getBuiltinModule: undefined });
        try {
          const loop = hostEventLoop();
          const timer = (callback: () => void) => {
            timers.add(callback);
            return () => void timers.delete(callback);
          };
          const eventLoop = { ...loop, timer };
          return await artifact.create({ functions, eventLoop });
        } finally {
          Object.assign(process, { getBuiltinModule });
        }
      };
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      /** Waits for a promise, and much time passes meanwhile. */
      const inTime = <T>(promise: Promise<T>): Promise<T> => {
        const passing = setInterval(elapse, 1);
        return promise.finally(() => clearInterval(passing));
      };

      test("refuses a run inside a waiting host function after a while", async () => {
        const sandbox: Sandbox = await create({
          now: () => inTime(sandbox.run("1")),
          later: async () => {
            await wait(1);
            return inTime(sandbox.run("1"));
          },
        });
        for (const name of ["now", "later"])
          expect((await sandbox.run(`${name}()`)).error?.message).toContain("cannot use the session that is waiting");
        expect((await sandbox.run("1")).value).toBe(1);
      });

      test("queues what others ask for, as long as the host function does not wait too long", async () => {
        let begun = () => {};
        let end = () => {};
        const ended = new Promise<void>((resolve) => {
          end = resolve;
        });
        const waiting = (over: () => Promise<unknown>) => () => {
          begun();
          return over();
        };
        const sandbox = await create({ short: waiting(() => wait(1)), long: waiting(() => ended) });
        const behind = async (name: string) => {
          const calling = new Promise<void>((resolve) => {
            begun = resolve;
          });
          const running = sandbox.run(`for i in range(3): ${name}()`);
          await calling;
          const other = sandbox.run("2").then(
            ({ value }) => value,
            (error: Error) => error.message,
          );
          if (name === "long") void inTime(other).then(end);
          return [(await running).status, await other];
        };
        expect(await behind("short")).toEqual(["ok", 2]);
        expect(await behind("long")).toEqual(["ok", expect.stringContaining("which it has done for 10 s")]);
        expect((await sandbox.run("3")).value).toBe(3);
      });
    });

    test("closed, ends its run and refuses others", async () => {
      const sandbox = await create();
      const running = sandbox.run(LOOP, { fuel: ENDLESS });
      const waiting = sandbox.run("1");
      setTimeout(() => sandbox[Symbol.dispose](), 5);
      expect(await running).toMatchObject({ status: "aborted", error: { message: "the session was closed" } });
      await expect(waiting).rejects.toThrow("the session is closed");
      await expect(sandbox.run("1")).rejects.toThrow("the session is closed");
    });

    test("refuses options that make no sense", async () => {
      await expect(artifact.create({ memory: "much" })).rejects.toThrow(
        "memory is a number of bytes, or text such as 64MiB",
      );
      await expect(artifact.create({ fuel: -1 })).rejects.toThrow("fuel is a whole number");
      await expect(artifact.create({ memory: "200KiB" })).rejects.toThrow("too low");
      await expect(artifact.create({ files: { "../x": "" } })).rejects.toThrow("not a path below /input");
    });
  });

  describe("cancellation", () => {
    test("ends any code at its time limit, and leaves the session usable", async () => {
      // Turns of the event loop that runs get after their time is over.
      let late: number | undefined;
      const loop = hostEventLoop();
      const eventLoop: EventLoop = {
        now: loop.now,
        macrotask: (callback) => {
          if (late !== undefined) late++;
          loop.macrotask(callback);
        },
        timer: (callback, ms) =>
          loop.timer(() => {
            late = 0;
            callback();
          }, ms),
      };
      const sandbox = await create({ eventLoop });
      for (const code of [
        LOOP,
        "never()",
        "n = 10 ** 10 ** 8",
        "def f(): f()\nwhile True:\n try: f()\n except: pass",
      ]) {
        late = undefined;
        const result = await sandbox.run(code, { fuel: ENDLESS, timeout: 30 });
        expect(result, code).toMatchObject({ status: "timeout", error: { kind: "stopped" } });
        expect(late, code).toBeLessThan(30);
        expect((await sandbox.run("add(1, 1)")).value).toBe(2);
      }
    });

    test("ends a run by its signal, before and while it runs", async () => {
      const sandbox = await create();
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 10);
      for (let i = 0; i < 2; i++)
        expect(await sandbox.run(LOOP, { fuel: ENDLESS, signal: controller.signal })).toMatchObject({
          status: "aborted",
        });
      expect((await sandbox.run("1")).value).toBe(1);
    });

    test("before a run has begun leaves nothing of it, and what was there before", async () => {
      const timer = (callback: () => void) => {
        callback();
        return () => {};
      };
      const sandbox = await create({ eventLoop: { now: () => 0, macrotask: setImmediate, timer } });
      await sandbox.run("x = 1\ngarbage = [[i] for i in range(3000)]");
      for (const stopping of [{ signal: AbortSignal.abort() }, { timeout: 1 }]) {
        const result = await sandbox.run("print('begun')\nx = 2\nadd(1, 1)\nx", { fuel: 10_000_000, ...stopping });
        expect(result).toMatchObject({ stdout: "", value: undefined, hostCalls: 0, error: { kind: "stopped" } });
        expect(result.fuel).toMatchObject({ limit: 10_000_000, used: 0 });
        expect((await sandbox.run("[x, len(garbage)]")).value).toEqual([1, 3000]);
      }
    });

    test("leaves turns to all others: 20 endless loops, a timer and an HTTP server", async () => {
      const progressed = new Set<number>();
      const sandboxes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => create({ onStdout: () => void progressed.add(i) })),
      );
      const server = createServer((_request, response) => response.end("served")).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      const controllers = sandboxes.map(() => new AbortController());
      const code = "n = 0\nwhile True:\n  n += 1\n  if n == 1000: print(n)";
      const runs = sandboxes.map((sandbox, i) => sandbox.run(code, { fuel: ENDLESS, signal: controllers[i]!.signal }));
      const { port } = server.address() as AddressInfo;
      for (let i = 0; i < 3; i++) {
        const text = await new Promise((resolve, reject) =>
          get({ port, host: "127.0.0.1", agent: false }, (response) => {
            response.setEncoding("utf8").on("data", resolve);
          }).on("error", reject),
        );
        expect(text).toBe("served");
      }
      // Turns come as long as loops go on, however long one takes.
      while (progressed.size < sandboxes.length || ticks <= 20) await new Promise((resolve) => setTimeout(resolve, 10));
      for (const controller of controllers) controller.abort();
      clearInterval(timer);
      server.close();
      for (const result of await Promise.all(runs)) {
        expect(result.status).toBe("aborted");
        expect(result.stdout).toBe("1000\n");
      }
    });
  });

  describe("host functions", () => {
    test("hand out objects of which the guest can only call the chosen methods", async () => {
      const file = { text: "abc", read: () => file.text, secret: () => "no" };
      const sandbox = await artifact.create({
        functions: {
          open_it: () => ({ file: capability(file, ["read"]), shout: capability((x: string) => x.toUpperCase()) }),
          same: (x: unknown) => x === file || (x as { target?: unknown }).target === file,
        },
      });
      const { value } = await sandbox.run(
        "o = open_it()\nf = o['file']\n[f.read(), o['shout']('x'), same(f), [k for k in dir(f) if k[0] != '_']]",
      );
      expect(value).toEqual(["abc", "X", true, ["read"]]);
      for (const code of ["f.secret()", "f.text", "f.constructor", "f()"])
        expect((await sandbox.run(code)).status, code).toBe("error");
      const forged = "import _escapement\nh = _escapement.HostObject(7, [])\nsame(h)";
      expect((await sandbox.run(forged)).error).toMatchObject({ type: "ValueError" });
      for (const name of ["secret", "constructor", "__proto__", "toString"])
        expect((await sandbox.run(`_escapement.call([f._number, "${name}"], [], {})`)).error?.message).toBe(
          "no such host function",
        );
    });

    test("call functions of the guest's back while it waits, at any depth", async () => {
      let kept: PythonCallable | undefined;
      const sandbox = await artifact.create({
        functions: {
          ...functions,
          each: async (f: PythonCallable, items: unknown[]) => {
            kept = f;
            return Promise.all(items.map((item) => f(item)));
          },
          same: (x: unknown) => x,
        },
      });
      expect((await sandbox.run("each(lambda v: each(lambda w: later(v) * w, [1, 2]), [3, 4])")).value).toEqual([
        [3, 6],
        [4, 8],
      ]);
      expect(
        (await sandbox.run("try:\n  each(lambda v: 1 // v, [0])\nexcept RuntimeError as e:\n  print(e)")).stdout,
      ).toMatch(/^PythonCallError: ZeroDivisionError: (?:integer division or modulo|divi(?:de|sion)) by zero\n$/);
      expect((await sandbox.run("same(len)('abc')")).value).toBe(3);
      await expect(kept!(1)).rejects.toThrow("the host call that got this function of the guest's is over");
    });

    test("keep no function of the guest's past their own call: its number means another one then", async () => {
      let kept: PythonCallable | undefined;
      const sandbox = await artifact.create({
        functions: {
          keep: (f: PythonCallable) => {
            kept = f;
          },
          fire: async () => kept!("x"),
          back: () => [kept],
          nested: async (f: PythonCallable) => [await f(), await kept!("x")],
          inner: async (f: PythonCallable) => {
            kept = f;
            return f(1);
          },
        },
      });
      const code = "def g(x):\n  return 'g'\ndef h(x='h'):\n  return x\nkeep(g)\n";
      const over = "the host call that got this function of the guest's is over: it cannot be called any more";
      for (const call of ["fire(h)", "fire()", "keep(g)\nfire(h)"])
        expect((await sandbox.run(code + call)).error).toMatchObject({
          type: "RuntimeError",
          message: `SandboxUsageError: ${over}`,
        });
      expect((await sandbox.run(`${code}back(h)`)).error).toMatchObject({ type: "ValueError", message: over });
      // While its call waits for another one, it is the same function as ever: here `inner` is called by what `nested`
      // got, and what `inner` got is gone when `nested` goes on.
      const result = await sandbox.run("nested(lambda: inner(lambda x: x + 1))");
      expect(result.error?.message).toBe(`SandboxUsageError: ${over}`);
      expect((await sandbox.run("same = 1\ninner(lambda x: [x, x])")).value).toEqual([1, 1]);
    });

    test("return any promise: another realm's, another library's, one that fails oddly", async () => {
      const sandbox = await artifact.create({
        functions: {
          native: async () => 5,
          realm: () => runInNewContext("Promise.resolve(5)"),
          thenable: () => ({ then: (settle: (value: number) => void) => settle(5) }),
          callable: () =>
            Object.assign(() => 0, { then: (settle: (value: number) => void) => setTimeout(settle, 1, 5) }),
          twice: () => ({
            then(settle: (value: number) => void) {
              settle(5);
              throw new Error("late");
            },
          }),
          rejects: () => runInNewContext("Promise.reject(new TypeError('no'))"),
          throws: () => ({
            then() {
              throw new RangeError("called");
            },
          }),
        },
      });
      for (const name of ["native", "realm", "thenable", "callable", "twice"])
        expect((await sandbox.run(`${name}()`)).value, name).toBe(5);
      // An error of another realm is none of this one's.
      expect((await sandbox.run("rejects()")).error?.message).toBe("the host function failed");
      expect((await sandbox.run("throws()")).error?.message).toBe("RangeError: called");
    });

    test("take no value of the guest's for a promise", async () => {
      const got: unknown[] = [];
      const same = (x: unknown) => {
        got.push(x);
        return x;
      };
      const sandbox = await artifact.create({ functions: { same, later: async (x: unknown) => same(x) } });
      const code = "called = []\ndef f(*args):\n  called.append(args)\n  return {'then': f}\n";
      for (const name of ["same", "later"]) {
        const { value, error } = await sandbox.run(
          `${code}d = ${name}({'then': f})\n[d['then'] is f, called, type(d).__name__]`,
        );
        expect(error, name).toBeNull();
        expect(value, name).toEqual([true, [], "dict"]);
      }
      expect(got.map((x) => x instanceof Map && typeof x.get("then"))).toEqual(["function", "function"]);
      // The same from what a function of the guest's returns, and as keyword arguments.
      const call = await artifact.create({
        functions: {
          call: async (f: PythonCallable) => (await f()) instanceof Map,
          named: (x: unknown) => x instanceof Map,
        },
      });
      expect((await call.run(`${code}[call(f), named(then=f), called]`)).value).toEqual([true, true, [[]]]);
      const data = await sandbox.run("same({'then': 1})");
      expect(data.value).toEqual(Object.assign(Object.create(null), { then: 1 }));
    });

    test("that throw cost what a call and an exception cost", async () => {
      const sandbox = await artifact.create({
        fuel: 1e9,
        functions: {
          no: () => {
            throw new Error("refused");
          },
          yes: () => 1,
        },
      });
      const each = async (body: string) => {
        const count = 200;
        await sandbox.run(`for i in range(2):\n${body}`);
        return (await sandbox.run(`for i in range(${count}):\n${body}`)).fuel.used / count;
      };
      const raised = await each("  try:\n    raise RuntimeError('x')\n  except RuntimeError as e:\n    pass\n");
      const called = await each("  yes()\n");
      const refused = await each("  try:\n    no()\n  except RuntimeError as e:\n    pass\n");
      expect(refused).toBeLessThan(2 * (raised + called));
      for (const message of ["", "é".repeat(3000), "x".repeat(5000), "\ud800"]) {
        const failing = await artifact.create({
          functions: {
            no: () => {
              throw new Error(message);
            },
          },
        });
        const text = "try:\n  no()\nexcept RuntimeError as e:\n  m = str(e)\nm";
        expect((await failing.run(text)).value).toBe(`Error: ${message.replace("\ud800", "\ufffd")}`.slice(0, 4096));
      }
    });

    test("have a limit on calls per run, and a price", async () => {
      const sandbox = await create({ maxHostCalls: 3, hostCallFuel: 1_000_000 });
      const run = () => sandbox.run("for i in range(5): add(i, 1)");
      expect(await run()).toMatchObject({
        hostCalls: 3,
        error: { type: "RuntimeError", message: "too many host calls" },
      });
      const { fuel, hostCalls } = await run();
      expect(hostCalls).toBe(3);
      expect(fuel.used).toBeGreaterThan(3_000_000);
      const poor = await sandbox.run("add(1, 1)", { fuel: 900_000 });
      expect(poor).toMatchObject({ status: "out-of-fuel", hostCalls: 0 });
    });
  });

  describe("files", () => {
    test("under /input are read-only", async () => {
      const sandbox = await create({ files: { "a/b.txt": "text", "c.bin": Uint8Array.of(1, 2) } });
      expect((await sandbox.run("[open('/input/a/b.txt').read(), open('/input/c.bin', 'rb').read()]")).value).toEqual([
        "text",
        Uint8Array.of(1, 2),
      ]);
      for (const code of [
        "open('/input/a/b.txt', 'w')",
        "open('/input/new', 'w')",
        "import os\nos.remove('/input/a/b.txt')",
        "import os\nos.rename('/input/a', '/work/a')",
        "import os\nos.rename('/input/a/b.txt', '/work/b')",
        "import os\nos.mkdir('/input/d')",
        "open('/lib/_escapement.py', 'w')",
      ])
        expect((await sandbox.run(code)).error?.type, code).toBe("OSError");
      expect((await sandbox.run("open('/input/a/b.txt').read()")).value).toBe("text");
    });

    test("cost what their zeros cost, on every artifact the same", async () => {
      const sandbox = await create({ fuel: 1e9 });
      const costs = async (offset: number) => {
        // Sources of one length: a character costs thousands.
        const digits = String(offset).padStart(8, "0");
        const code = `f = open('x', 'wb')\nf.seek(int('${digits}'))\nf.write(b'1')\nf.close()`;
        await sandbox.run(code);
        return (await sandbox.run(code)).fuel.used;
      };
      const zeros = (await costs(16_000_000)) - (await costs(0));
      expect(Math.abs(zeros / (16_000_000 / 16) - 1)).toBeLessThan(0.02);
    });

    test("are written by the host with the directories that they are in", async () => {
      const sandbox = await create({ files: { a: "x" } });
      sandbox.writeFile("deep/er/in.txt", "hello");
      sandbox.writeFile("/tmp/new/b", "b");
      sandbox.mkdir("made/here");
      sandbox.mkdir("made");
      const { value } = await sandbox.run(
        "import os\n[open('deep/er/in.txt').read(), os.listdir('made'), open('/tmp/new/b').read()]",
      );
      expect(value).toEqual(["hello", ["here"], "b"]);
      expect(() => sandbox.mkdir("deep/er/in.txt/x")).toThrow("not a directory");
      for (const refused of [() => sandbox.mkdir("/input/d"), () => sandbox.writeFile("/input/d/x", "")])
        expect(refused).toThrow("read-only");
      expect(() => sandbox.mkdir(5 as never)).toThrow("a path is text");
    });

    test("of the guest's own have a quota, and can be read and written by the host", async () => {
      const sandbox = await create({ workBytes: 1000, files: { big: "x".repeat(5000) } });
      sandbox.writeFile("in.txt", "hello");
      expect(
        (await sandbox.run("f = open('out.txt', 'w')\nf.write(open('in.txt').read().upper())\nf.close()")).status,
      ).toBe("ok");
      expect(new TextDecoder().decode(sandbox.readFile("out.txt"))).toBe("HELLO");
      expect(sandbox.listFiles()).toEqual(["in.txt", "out.txt"]);
      expect((await sandbox.run("f = open('/tmp/x', 'w')\nf.write('x' * 991)\nf.close()")).error?.type).toBe("OSError");
      expect(() => sandbox.writeFile("more", new Uint8Array(1000))).toThrow("quota");
    });
  });
});
