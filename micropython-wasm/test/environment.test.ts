import { describe, expect, test } from "vitest";
import type { Clock } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { Environment } from "../world/environment.js";
import { GuestClock } from "../world/guest-clock.js";
import { boot } from "./engines.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("the environment's state", () => {
  test("is plain data, and restored it goes on as the original", async () => {
    const python = await boot({ seed: 5, stdin: bytes("one\ntwo\n"), functions: { f: () => 1 } });
    await python.run(
      "import random, time, sys\nopen('kept', 'w').write('x')\nopen_file = open('kept')\ntime.sleep(1)\ninput()\nsys.stderr.write('e')\nprint(random.random(), f())",
    );
    const { environment } = python;
    const state = structuredClone(environment.saveState());
    const copy = new Environment();
    copy.restoreState(state);
    expect(copy.saveState()).toEqual(state);
    expect(copy.stdout.text()).toBe(environment.stdout.text());
    expect(copy.random.nextU32()).toBe(environment.random.nextU32());
    expect(copy.clock.timeMs(12_345_678)).toBe(environment.clock.timeMs(12_345_678));
    expect(copy.files.readFile("/work/kept")).toEqual(bytes("x"));
    expect(state.hostCalls.callCount).toBe(1);
  });

  test("cannot be taken while a host call waits for a promise", async () => {
    let settle: (value: number) => void = () => {};
    let called = () => {};
    const calling = new Promise<void>((resolve) => {
      called = resolve;
    });
    const f = () => {
      setImmediate(called);
      return new Promise((resolve) => (settle = resolve));
    };
    const python = await boot({ functions: { f } });
    const run = python.run("f()");
    await calling;
    expect(() => python.environment.saveState()).toThrow(SandboxUsageError);
    settle(3);
    expect((await run).value).toBe(3);
  });

  test("the guest sees the standard directories and devices, and starts in /work", async () => {
    const python = await boot();
    const { value } = await python.run(
      "import os\nopen('/dev/null', 'w').write('gone')\n[os.getcwd(), os.listdir('/'), open('/dev/null').read(), os.stat('/dev/null')[0] & 0o170000 == 0o020000]",
    );
    // The library is mounted at /rom.
    expect(value).toEqual(["/work", ["rom", "dev", "lib", "tmp", "work"], "", true]);
    for (const code of [
      "os.remove('/dev/null')",
      "open('/dev/x', 'w')",
      "os.rename('/dev/stdout', '/x')",
      "os.rename('/work', '/dev/w')",
    ])
      expect((await python.run(code)).error?.type, code).toBe("OSError");
  });
});

describe("the guest's clock", () => {
  test("advances with fuel, a nanosecond a unit, and skips through wait loops", () => {
    const clock = new GuestClock(undefined, 5_000_000_000n);
    expect([clock.timeMs(0), clock.timeMs(999_999), clock.timeMs(1_000_000)]).toEqual([5000, 5000, 5001]);
    expect(clock.ticksMs(2_000_000)).toBe(2);
    expect(clock.ticksMs(2_000_100)).toBe(2);
    expect(clock.ticksMs(2_000_110)).toBe(3);
    expect(clock.ticksMs(2_000_120)).toBe(4);
    expect(clock.timeMs(2_000_120)).toBe(5004);
  });

  test("an injected clock is asked instead", async () => {
    let now = 1_000_000_000_000n;
    const clock: Clock = { now: () => (now += 1_000_000n) };
    const python = await boot({ clock });
    expect((await python.run("import time\ntime.sleep(0.05)\ntime.time()")).value).toBeGreaterThan(1000.05);
    expect(now).toBeGreaterThan(1_000_050_000_000n);
  });
});
