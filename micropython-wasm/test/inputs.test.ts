// What a run is given by the host besides its program: globals, functions of a later time, stdin as it comes.
import { describe, expect, test } from "vitest";
import { createPython, runPython, Sandbox, SandboxUsageError, verifyPythonReceipt } from "../index.js";

describe("inputs", () => {
  test("are globals, and stay as what the program makes of them", async () => {
    using sandbox = await Sandbox.create();
    const rows = [
      { item: "té", cents: 350 },
      { item: "cake", cents: 0.1 },
    ];
    const inputs = { rows, big: 2n ** 70n, raw: new Uint8Array([1, 0, 255]), nothing: null };
    const first = await sandbox.run("rows.append(1)\n[rows, big, raw, nothing]", { inputs });
    expect(first.value).toEqual([[...rows, 1], 2n ** 70n, new Uint8Array([1, 0, 255]), null]);
    expect(rows).toHaveLength(2);
    expect((await sandbox.run("len(rows)")).value).toBe(3);
  });

  test("that are none are as if there were none: one state, one receipt", async () => {
    const code = "print(sorted(globals()))";
    const [given, none] = await Promise.all(
      [{ inputs: {} }, {}].map(async (settings) => {
        using sandbox = await Sandbox.create();
        const { receipt } = await sandbox.run(code, { ...settings, receipt: true });
        return { receipt, state: sandbox.snapshot() };
      }),
    );
    expect(given).toEqual(none);
    expect(await verifyPythonReceipt(given!.receipt!, { code })).toBeNull();
  });

  test("leave the program's own names alone, its fuel and its host calls too", async () => {
    using sandbox = await Sandbox.create({ maxHostCalls: 1, hostCallFuel: 1_000_000, functions: { f: () => 7 } });
    await sandbox.run("bind = 1");
    const given = await sandbox.run("bind + 1", { inputs: { a: [1], b: "x" } });
    expect(given).toMatchObject({ value: 2, hostCalls: 0 });
    expect(given.fuel.used).toBeLessThan(1_000_000);
    expect((await sandbox.run("f() + a[0]")).value).toBe(8);
  });

  test.each<[object, RegExp]>([
    [{ class: 1 }, /a word of Python's own/],
    [{ "a b": 1 }, /not a Python identifier/],
    [{ f: () => 1 }, /the input f cannot be handed over/],
    [{ long: "x".repeat(300_000) }, /the input long cannot be handed over/],
  ])("wrong ones are refused, and nothing has changed: %#", async (inputs, message) => {
    using sandbox = await Sandbox.create();
    await sandbox.run("x = 1");
    await expect(sandbox.run("x = 2", { inputs: { ...inputs } })).rejects.toThrow(message);
    await expect(sandbox.run("x = 2", { inputs: { ...inputs } })).rejects.toThrow(SandboxUsageError);
    expect((await sandbox.run("x")).value).toBe(1);
  });

  test("go back with the run, and cross snapshots", async () => {
    using sandbox = await Sandbox.create();
    await sandbox.run("x = 1", { inputs: { a: 5 } });
    using restored = await Sandbox.restore(sandbox.snapshot());
    expect((await restored.run("a")).value).toBe(5);
    await sandbox.rewind();
    expect((await sandbox.run("a")).error?.type).toBe("NameError");
  });

  test("of runPython", async () => {
    expect((await runPython("n * 2", { inputs: { n: 21 } })).value).toBe(42);
  });
});

describe("register", () => {
  test("gives a session a function, also while a run is under way", async () => {
    using sandbox = await Sandbox.create({
      functions: { wait: () => new Promise((resolve) => setTimeout(resolve, 20)) },
    });
    const running = sandbox.run("wait()\nx = 'late' in globals()\nx");
    await sandbox.register("late", async (n: number) => n + 1);
    expect((await running).value).toBe(false);
    expect((await sandbox.run("late(1)")).value).toBe(2);
    await sandbox.register("late", () => "other");
    expect((await sandbox.run("late()")).value).toBe("other");
    using copy = await sandbox.fork();
    expect((await copy.run("late()")).value).toBe("other");
    const snapshot = sandbox.snapshot();
    await expect(Sandbox.restore(snapshot, { functions: { wait: () => 0 } })).rejects.toThrow(/late/);
  });

  test("refuses what is no name or no function", async () => {
    using sandbox = await Sandbox.create();
    await expect(sandbox.register("a-b", () => 1)).rejects.toThrow(SandboxUsageError);
    await expect(sandbox.register("a", 1 as never)).rejects.toThrow(/not a function/);
    expect((await sandbox.run("1 + 1")).value).toBe(2);
  });
});

test("stdin is an async iterable: asked when the guest reads, and its pieces do not show", async () => {
  const program = "import sys\n[input(), sys.stdin.read(3), sys.stdin.read()]";
  let asked = 0;
  async function* pieces(...texts: string[]) {
    for (const text of texts) {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield new TextEncoder().encode(text);
    }
  }
  const read = async (stdin: AsyncIterable<Uint8Array> | string) => {
    const { value, fuel } = await (await createPython({ stdin })).run(program);
    return { value, used: fuel.used };
  };
  const whole = await read("a\nbcdé");
  expect(whole.value).toEqual(["a", "bcd", "é"]);
  expect(await read(pieces("a\nbcdé"))).toEqual(whole);
  expect(await read(pieces("", "a", "\nb", "c", "d\u00e9"))).toEqual(whole);
  asked = 0;
  await (await createPython({ stdin: pieces("a") })).run("1");
  expect(asked).toBe(0);
});
