import { describe, expect, test } from "vitest";
import { UsageError } from "../../errors.js";
import { Errno, ProcExit, WASI_FUNCTIONS, Wasi } from "../index.js";
import { OurGuest, SIGNATURES } from "./guest.js";

test("the table has the functions of preview 1 with their types", () => {
  const letters = { i32: "i", i64: "l" };
  const types = Object.entries(WASI_FUNCTIONS).map(([name, { params, results }]) => [
    name,
    `${params.map((type) => letters[type]).join("")}>${results.map((type) => letters[type]).join("")}`,
  ]);
  expect(Object.fromEntries(types)).toEqual(SIGNATURES);
});

describe("arguments and environment", () => {
  test("are empty by default", async () => {
    const guest = await OurGuest.create();
    for (const name of ["args_sizes_get", "environ_sizes_get"]) {
      guest.bytes().fill(0xff, 0, 16);
      expect(guest.call(name, 0, 4)).toBe(0);
      expect([guest.u32(0), guest.u32(4)]).toEqual([0, 0]);
    }
    expect(guest.call("args_get", 0, 0)).toBe(0);
    expect(guest.call("environ_get", 131072, 131072)).toBe(0);
  });

  test("come as pointers and strings that end in NUL, in UTF-8", async () => {
    const guest = await OurGuest.create({ args: ["a", "", "hé€😀"], environ: { A: "1", É: "=" } });
    expect(guest.call("args_sizes_get", 0, 4)).toBe(0);
    expect([guest.u32(0), guest.u32(4)]).toEqual([3, 2 + 1 + 11]);
    expect(guest.call("args_get", 16, 100)).toBe(0);
    expect([guest.u32(16), guest.u32(20), guest.u32(24)]).toEqual([100, 102, 103]);
    expect(guest.text(100, 14)).toBe("a\0\0hé€😀\0");
    expect(guest.call("environ_sizes_get", 0, 4)).toBe(0);
    expect([guest.u32(0), guest.u32(4)]).toEqual([2, 4 + 5]);
    expect(guest.call("environ_get", 16, 200)).toBe(0);
    expect(guest.text(guest.u32(16), 9)).toBe("A=1\0É==\0");
  });

  test("a lone surrogate becomes a replacement character", async () => {
    const guest = await OurGuest.create({ args: ["\ud800"] });
    guest.call("args_get", 0, 100);
    expect(guest.text(100, 4)).toBe("\ufffd\0");
  });

  test("with NUL, or an environment name with =, are refused", () => {
    expect(() => new Wasi({ args: ["a\0b"] })).toThrow(UsageError);
    expect(() => new Wasi({ environ: { A: "\0" } })).toThrow(UsageError);
    expect(() => new Wasi({ environ: { "A=B": "" } })).toThrow(UsageError);
    expect(() => new Wasi({ environ: { "": "" } })).toThrow(UsageError);
  });

  test("outside of memory nothing is written", async () => {
    const guest = await OurGuest.create({ args: ["abc", "def"] });
    for (const [table, strings] of [
      [131072 - 4, 0],
      [0, 131072 - 7],
      [0xffff_fffc, 0],
    ] as const) {
      guest.bytes().fill(0);
      expect(guest.call("args_get", table, strings)).toBe(Errno.fault);
      expect(guest.bytes().some((byte) => byte !== 0)).toBe(false);
    }
    expect(guest.call("args_sizes_get", 0, 131070)).toBe(Errno.fault);
    expect(guest.u32(0)).toBe(0);
  });
});

describe("proc_exit", () => {
  test("ends the execution with its status", async () => {
    const guest = await OurGuest.create();
    expect(guest.exitStatus(0)).toBe(0);
    expect(guest.exitStatus(7)).toBe(7);
    expect(guest.exitStatus(-1)).toBe(0xffff_ffff);
  });

  test("is no trap and no host failure", async () => {
    const guest = await OurGuest.create();
    const result = guest.execution("proc_exit", [3]).run(1000);
    expect(result.status).toBe("failed");
    expect(result).toMatchObject({ error: { name: "ProcExit", code: 3 } });
  });
});

describe("random_get", () => {
  const draw = async (seed: number | bigint | undefined, length = 64) => {
    const guest = await OurGuest.create({ seed });
    expect(guest.call("random_get", 32, length)).toBe(0);
    return guest.bytes().slice(0, length + 64);
  };

  test("is the same for the same seed, and another for another", async () => {
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(undefined)).toEqual(await draw(0));
    expect(await draw(1)).not.toEqual(await draw(2));
    expect(await draw(2n ** 63n)).not.toEqual(await draw(0));
  });

  test("writes as many bytes as asked for and no more", async () => {
    const bytes = await draw(5, 7);
    expect(bytes.subarray(0, 32).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(39).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(32, 39).filter((byte) => byte !== 0).length).toBeGreaterThan(3);
  });

  test("costs fuel by its length", async () => {
    const guest = await OurGuest.create();
    const cost = (length: number) => {
      const execution = guest.execution("random_get", [0, length]);
      execution.run(100_000);
      return execution.fuelUsed;
    };
    expect(cost(80_000) - cost(0)).toBe(10_000);
  });
});

test("sched_yield does nothing", async () => {
  const guest = await OurGuest.create();
  expect(guest.call("sched_yield")).toBe(0);
});

test("a signal ends the guest as it ends a process, unless it is one that nobody minds", async () => {
  const g = await OurGuest.create();
  for (const signal of [0, 16, 17, 22, 27]) expect(g.call("proc_raise", signal)).toBe(0);
  for (const signal of [31, 255, -1]) expect(g.call("proc_raise", signal)).toBe(Errno.inval);
  for (const signal of [2, 6, 9, 15]) {
    const end = (() => {
      try {
        return g.call("proc_raise", signal);
      } catch (error) {
        return error;
      }
    })();
    expect(end).toBeInstanceOf(ProcExit);
    expect(end).toMatchObject({ code: 128 + signal, signal });
  }
});

test("an injected source of randomness is asked in place of the seeded one, within bounds only", async () => {
  const lengths: number[] = [];
  const random = (target: Uint8Array): void => {
    lengths.push(target.length);
    target.fill(7);
  };
  const g = await OurGuest.create({ random });
  expect(g.call("random_get", 100, 5)).toBe(0);
  expect([...g.bytes().subarray(99, 106)]).toEqual([0, 7, 7, 7, 7, 7, 0]);
  expect(g.call("random_get", 131072 - 4, 5)).toBe(Errno.fault);
  expect(lengths).toEqual([5]);
});
