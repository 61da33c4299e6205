import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { forms } from "../../test/support/form.js";
import { capability, type SandboxOptions, SnapshotError } from "../index.js";
import { ARTIFACTS } from "./artifacts.js";

const functions = { add: (a: number, b: number) => a + b };
const LARGE = 1e9;
const COUNT = "t = 0\nfor i in range(100):\n  t = add(t, i)\nprint(t)\nt";

describe.each(ARTIFACTS)("$kind:", (artifact) => {
  const isCPython = artifact.kind === "cpython";
  /** Less than COUNT takes. */
  const SOME = isCPython ? 10_000 : 200_000;
  const create = (options: SandboxOptions = {}) => artifact.create({ functions, ...options });

  describe("a snapshot", () => {
    test("restores variables, files and functions, in a session of its own", async () => {
      const sandbox = await create({ files: { a: "input" } });
      await sandbox.run("x = add(2, 3)\nf = open('f', 'w')\nf.write('text')\nf.flush()\nimport random");
      const saved = sandbox.snapshot();
      expect(saved.length).toBeLessThan(isCPython ? 12_000_000 : 600_000);
      const branch = await artifact.restore(saved, { functions: { ...functions, twice: (n: number) => 2 * n } });
      expect(
        (await branch.run("f.close()\n[x, open('f').read(), open('/input/a').read(), add(1, 1), twice(4)]")).value,
      ).toEqual([5, "text", "input", 2, 8]);
      await branch.run("x = 7");
      expect((await sandbox.run("x")).value).toBe(5);
    });

    test("of a session is the same as the session: same randomness, time, addresses and fuel", async () => {
      const sandbox = await create();
      await sandbox.run("import random, time\nrandom.random()");
      const branch = await artifact.restore(sandbox.snapshot(), { functions });
      const code = "[random.random(), time.time(), id(object()), add(1, 2)]";
      const [a, b] = [await sandbox.run(code), await branch.run(code)];
      expect(a.value).toEqual(b.value);
      expect(a.fuel.used).toBe(b.fuel.used);
    });

    test("of a paused run ends with the same result and the same fuel", async () => {
      const whole = await (await create()).run(COUNT, { fuel: LARGE });
      const sandbox = await create({ onFuelExhausted: "pause", fuel: SOME });
      const paused = await sandbox.run(COUNT);
      expect(paused.status).toBe("paused");
      const branch = await artifact.restore(sandbox.snapshot(), { functions, onFuelExhausted: "pause" });
      expect(branch.paused).toMatchObject({ status: "paused", fuel: paused.fuel, hostCalls: paused.hostCalls });
      for (const [session, result] of [
        [sandbox, paused],
        [branch, branch.paused!],
      ] as const) {
        const end = await session.resume(result, LARGE);
        expect(end).toMatchObject({
          status: "ok",
          stdout: whole.stdout,
          value: whole.value,
          hostCalls: whole.hostCalls,
        });
        expect(end.fuel.used).toBe(whole.fuel.used);
      }
    });

    // It loads all of the sources: once in the quick form.
    if (forms(artifact.kind !== "wasi", true))
      test("restores a run that another process has paused", async () => {
        const script = `
      import { ARTIFACTS } from "${new URL("artifacts.ts", import.meta.url).href}";
      const { create } = ARTIFACTS.find(({ kind }) => kind === "${artifact.kind}");
      const sandbox = await create({ functions: { add: (a, b) => a + b }, onFuelExhausted: "pause", fuel: ${SOME} });
      await sandbox.run(${JSON.stringify(COUNT)});
      process.stdout.write(Buffer.from(sandbox.snapshot()).toString("base64"));`;
        const output = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
          encoding: "utf8",
          maxBuffer: 2 ** 26,
        });
        const branch = await artifact.restore(new Uint8Array(Buffer.from(output, "base64")), { functions });
        const whole = await (await create()).run(COUNT, { fuel: LARGE });
        const end = await branch.resume(branch.paused!, LARGE);
        expect(end).toMatchObject({ status: "ok", stdout: whole.stdout });
        expect(end.fuel.used).toBe(whole.fuel.used);
      });

    test("needs the functions that the guest knows, the same schedule and the limits to fit", async () => {
      const sandbox = await create({ workBytes: 1000 });
      await sandbox.run("open('f', 'w').write('x' * 500)");
      const saved = sandbox.snapshot();
      await expect(artifact.restore(saved)).rejects.toThrow("uses the host function add");
      await expect(artifact.restore(saved, { functions, workBytes: 100 })).rejects.toThrow(SnapshotError);
      await expect(artifact.restore(saved, { functions, schedule: "flat" as never })).rejects.toThrow();
      if (!isCPython) await expect(artifact.restore(saved, { functions, memory: "1MiB" })).rejects.toThrow();
    });

    test("cannot be taken during a run", async () => {
      const sandbox = await create();
      const running = sandbox.run("1");
      expect(() => sandbox.snapshot()).toThrow("a run is under way");
      await running;
      expect(sandbox.snapshot()).toBeInstanceOf(Uint8Array);
    });

    test("cut or altered gives a clear error, whatever is altered", { timeout: 60_000 }, async () => {
      const sandbox = await create();
      await sandbox.run("x = 1");
      const saved = sandbox.snapshot();
      let seed = 1;
      const random = (limit: number): number => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return Math.floor((seed / 2 ** 32) * limit);
      };
      for (let i = 0; i < (isCPython ? 15 : 150); i++) {
        const altered = i % 5 === 0 ? saved.slice(0, random(saved.length)) : saved.slice();
        for (let n = random(3); n >= 0 && altered.length > 0; n--) altered[random(altered.length)]! ^= 1 + random(255);
        await expect(artifact.restore(altered, { functions })).rejects.toThrow(SnapshotError);
      }
      await expect(artifact.restore(new Uint8Array(0), { functions })).rejects.toThrow("not a snapshot");
      expect((await sandbox.run("x")).value).toBe(1);
    });
  });

  describe("fork and rewind", () => {
    test("a fork has the capabilities that the session has, and each gets its own from there on", async () => {
      let count = 0;
      const open = () => {
        const number = count++;
        return capability({ number: () => number }, ["number"]);
      };
      const sandbox = await create({ functions: { open } });
      await sandbox.run("a = open()");
      const copy = await sandbox.fork();
      expect((await copy.run("b = open()\n[a.number(), b.number()]")).value).toEqual([0, 1]);
      expect((await sandbox.run("b = open()\n[a.number(), b.number()]")).value).toEqual([0, 2]);
      expect((await copy.run("[a.number(), b.number()]")).value).toEqual([0, 1]);
      // In a snapshot there are none.
      const restored = await artifact.restore(sandbox.snapshot(), { functions: { open } });
      expect((await restored.run("a.number()")).error).toMatchObject({ type: "ValueError" });
    });

    test("make independent copies", async () => {
      const sandbox = await create();
      await sandbox.run("x = [1]");
      const copy = await sandbox.fork();
      await copy.run("x.append(add(1, 1))\nopen('f', 'w').close()");
      expect((await copy.run("x")).value).toEqual([1, 2]);
      expect((await sandbox.run("x")).value).toEqual([1]);
      expect(sandbox.listFiles()).toEqual([]);
    });

    test("copy a paused run", async () => {
      const sandbox = await create({ onFuelExhausted: "pause", fuel: SOME });
      const paused = await sandbox.run(COUNT);
      const copy = await sandbox.fork();
      const ends = [await copy.resume(paused, LARGE), await sandbox.resume(paused, LARGE)];
      expect(ends[0]!.stdout).toBe("4950\n");
      expect(ends[0]!.fuel).toEqual(ends[1]!.fuel);
    });

    test("undo the last run, its files included, or a paused one", async () => {
      const sandbox = await create({ onFuelExhausted: "pause", fuel: 3_000_000 });
      await sandbox.run("x = 1");
      await sandbox.run("x = 2\nopen('f', 'w').close()");
      await sandbox.rewind();
      expect((await sandbox.run("x")).value).toBe(1);
      expect(sandbox.listFiles()).toEqual([]);
      await sandbox.run("x = 3\nwhile True: pass");
      await sandbox.rewind();
      expect((await sandbox.run("x")).value).toBe(1);
    });
  });
});
