// Attacks through addresses: uctypes reads and writes linear memory, and nothing else. A guest can
// break its own interpreter; that has a result, and the session goes back to where it worked.
import { beforeAll, describe, expect, test } from "vitest";
import { Sandbox, type SandboxResult } from "../index.js";
import { expectRefusal, gives, meetsTheCap, raises, Scene, traps } from "./attack-support.js";

const scene = new Scene({ functions: { give: () => [1, "two"] }, memory: "24MiB", fuel: 20_000_000 });
const outside = traps("out of bounds memory access");

describe("reading", () => {
  scene.meets("stays inside the linear memory", [
    ["import uctypes\nuctypes.bytes_at(0xffffff00, 256)", outside],
    ["import uctypes\nuctypes.bytes_at(-1, 4)", outside],
    ["import uctypes\nuctypes.bytes_at(0x7ffffff0, 4)", outside],
    ["import uctypes\nuctypes.bytes_at(24 * 2 ** 20, 1)", outside],
    ["import uctypes\nbytes(uctypes.bytearray_at(0x7fffffff, 64))", outside],
    ["import uctypes\nuctypes.bytearray_at(0, 0x7fffffff)[0x7ffffffe]", outside],
    ["import uctypes\nuctypes.struct(0xfffffffc, {'x': uctypes.UINT64 | 0}).x", outside],
    ["import uctypes\nuctypes.struct(0x7ffffff8, {'x': (uctypes.ARRAY | 0, uctypes.UINT32 | 4)}).x[3]", outside],
    ["import uctypes\nuctypes.struct(24 * 2 ** 20 - 4, {'x': uctypes.UINT64 | 0}).x", outside],
    ["import uctypes\nuctypes.bytes_at(0, 4)", gives(new Uint8Array(4))],
    ["import uctypes\nuctypes.struct(0, {'x': uctypes.UINT32 | 0}).x", gives(0)],
    // The bytes are not copied: reading is where it ends.
    ["import uctypes\nuctypes.bytes_at(0, 2 ** 29)[2 ** 28]", outside],
    ["import uctypes\nbytearray(uctypes.bytes_at(0, 2 ** 25))", meetsTheCap],
    [
      "import uctypes\nadd(1, uctypes.bytes_at(0, 2 ** 31 - 1))",
      raises("ValueError", "value larger than 262144 bytes"),
    ],
    ["import uctypes\nuctypes.bytes_at(24 * 2 ** 20 - 8, 16) == b'x' * 16", outside],
    ["import uctypes\nuctypes.bytes_at(24 * 2 ** 20 - 8, 16).find(b'zz')", outside],
    ["import uctypes\nadd(1, uctypes.bytes_at(2 ** 25, 16))", outside],
    ["import uctypes\nopen('f', 'wb').write(uctypes.bytes_at(2 ** 25, 16))", outside],
    ["import uctypes\nfor a in range(0, 2 ** 24, 4096): x = uctypes.bytes_at(a, 16)\nlen(x)", gives(16)],
    ["import machine\nmachine.mem32[0]", raises("ImportError", "No module named 'machine'")],
    ["memoryview(b'a')[10 ** 9:]", gives(expect.objectContaining({ pythonType: "memoryview" }))],
    ["memoryview(b'a')[5]", raises("IndexError", /./)],
    ["import struct\nstruct.unpack_from('<Q', b'abc', 10 ** 9)", raises("ValueError", "buffer too small")],
    ["import struct\nstruct.unpack_from('<I', b'abcd', -100)", raises("ValueError", "buffer too small")],
  ]);

  test("ends exactly at the end of the memory", async () => {
    const { memory } = await scene.victim.run("0");
    const read = (address: number) => scene.victim.run(`import uctypes\nlen(uctypes.bytes_at(${address}, 16))`);
    expectRefusal(await read(memory.bytes - 16), gives(16));
    expectRefusal(await read(memory.bytes - 15), outside);
  });
});

describe("writing", () => {
  const write = (address: number, length: number, byte = "\\xff"): string =>
    `import uctypes\nb = uctypes.bytearray_at(${address}, ${length})\nb[:] = b'${byte}' * ${length}`;
  scene.meetsInACopy("outside of the memory", [
    ["import uctypes\nuctypes.bytearray_at(0, 0x7fffffff)[0x7ffffffe] = 1", outside],
    ["import uctypes\nuctypes.bytearray_at(0x7ffffff0, 4)[0] = 1", outside],
    ["import uctypes\nuctypes.struct(0xfffffffc, {'x': uctypes.UINT64 | 0}).x = 5", outside],
    ["import struct\nstruct.pack_into('<I', bytearray(4), 10 ** 9, 1)", raises("ValueError", "buffer too small")],
  ]);

  test.each([
    ["nothing that is used", 16 * 2 ** 20 - 4096, 1024],
    ["the null page", 0, 1024],
    ["all constants", 65536, 131072],
    ["all of the interpreter's state", 131072, 65536],
    ["everything", 1024, 700_000],
    ["the C stack", 400_000, 100_000],
  ])("over %s ends in a result", async (_what, address, length) => {
    for (const byte of ["\\xff", "\\x00", "\\x41"]) {
      const copy = await scene.victim.fork();
      const result = await copy.run(write(address, length, byte));
      expect(endOf(result)).toMatch(TYPED);
      if (result.rewound) expect((await copy.run("add(alive, 1)")).value).toBe(2);
      copy.close();
    }
  });
});

/** How a run may end whose interpreter has been overwritten, and nothing else. */
const TYPED = /^(ok|error:(exception|exit|trap|stack|host)|out-of-fuel:fuel|out-of-memory:(exception|memory-limit))$/;

function endOf({ status, error }: SandboxResult): string {
  return error === null ? status : `${status}:${error.kind}`;
}

function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

describe("writing anywhere", () => {
  let session: Sandbox;
  beforeAll(async () => {
    session = await Sandbox.create({
      functions: { give: () => [1, "two"], echo: (...args: unknown[]) => args },
      memory: "20MiB",
      fuel: 500_000,
    });
    await session.run("alive = 1\nimport uctypes");
  });

  test("in 60 places ends in results, in this run and in those after it", async () => {
    const next = random(7);
    const followers = ["x = 5\ngive()", "import json\njson.dumps([str(i) for i in range(50)])", "x = 'x' * 5000"];
    for (let i = 0; i < 60; i++) {
      const copy = await session.fork();
      // Where the interpreter has data: beyond that there is nothing to break.
      const address = 65536 + (next(680_000) & ~3);
      const words = [1, 1, 16, 256, 16384][next(5)]!;
      const word = [0, 0xffffffff, next(2 ** 24), 1, 0x80000000][next(5)]!;
      const damage = `b = uctypes.bytearray_at(${address}, ${4 * words})\nb[:] = (${word}).to_bytes(4, 'little') * ${words}\n`;
      for (const code of [damage, followers[i % 3]!, "alive"]) {
        const result = await copy.run(code);
        expect(endOf(result), `${damage}${code}`).toMatch(TYPED);
        expect(result.fuel.used).toBeLessThanOrEqual(500_000);
        expect(result.memory.bytes).toBeLessThanOrEqual(20 * 2 ** 20);
      }
      copy.close();
    }
    expect((await session.run("alive")).value).toBe(1);
  }, 60_000);

  test("in objects that the host is handed ends in results: it reads them where they lie", async () => {
    await session.run(
      `import struct
def parts(x, out, d):
  out.append(x)
  if d < 3:
    if isinstance(x, dict):
      for k, v in x.items(): parts(k, out, d + 1); parts(v, out, d + 1)
    elif isinstance(x, (list, tuple, set)):
      for v in x: parts(v, out, d + 1)
  return out
def fresh():
  return [1, 1 << 70, 1.5, "text that is long", b"bytes", [1, [2, (3, 4)]], {"a": [1], 2: "b", "a long key": {}}, {5, 6}]
echo(fresh())`,
      { fuel: 1e8 },
    );
    const next = random(11);
    const ends = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const copy = await session.fork();
      const word = [
        0,
        1,
        2,
        3,
        4,
        6,
        0xffffffff,
        0x7fffffff,
        0x80000000,
        2 ** 20,
        2 ** 28,
        20 * 2 ** 20 - 4,
        next(2 ** 32),
      ][next(13)]!;
      // A word of an object, or of what its last word leads to; now and then the list itself is put there.
      const code = `x = fresh()
p = parts(x, [], 0)
a = id(p[${next(40)} % len(p)])
${next(3) === 0 ? "a = struct.unpack('<I', uctypes.bytes_at(a + 12, 4))[0] or a" : ""}
uctypes.bytearray_at(a + ${4 * next(4)}, 4)[:] = (${next(8) === 0 ? "id(x)" : word}).to_bytes(4, 'little')
${["echo(x)", "echo(*[x])", "echo(a=x)", "x"][i % 4]}
`;
      for (const program of [code, "echo(1, [2, 'x'])"]) {
        const result = await copy.run(program, { fuel: 8_000_000 });
        expect(endOf(result), program).toMatch(TYPED);
        ends.add(endOf(result));
      }
      expect((await copy.run("alive")).error?.kind ?? "ok").toMatch(/^(ok|exception|trap|fuel)$/);
      copy.close();
    }
    expect([...ends]).toEqual(expect.arrayContaining(["ok", "error:exception", "error:trap"]));
    expect((await session.run("alive")).value).toBe(1);
  }, 60_000);

  test("in the heap that the program's source is put in: a run that cannot begin has a result, too", async () => {
    const copy = await session.fork();
    await copy.run("x = 1");
    // Finds the allocator's list of free chunks by what it does, from outside: its words near here.
    const { memory } = (
      copy as unknown as { python: { guest: { memory: { range(a: number, n: number): Uint8Array } } } }
    ).python.guest;
    memory.range(0x20000, 0x10000).fill(0xff);
    const broken = await copy.run("x");
    expectRefusal(broken, { status: "error", kind: "trap", type: null, message: /./, rewound: true });
    expect(broken.fuel.used).toBe(0);
    // Back to before the run that came before: what that left could not even begin another one.
    expect((await copy.run("alive")).value).toBe(1);
  });
});
