// Attacks on the file system, on the device that host calls go through, and by odd source text.
import { describe, expect, test } from "vitest";
import { Sandbox, SandboxUsageError } from "../index.js";
import { burns, burnsAndRewinds, expectRefusal, gives, type Refusal, raises, Scene, traps } from "./attack-support.js";

const KiB = 1024;
const scene = new Scene({
  functions: { later: async (x: unknown) => x, never: () => new Promise(() => {}) },
  modules: { db: { query: () => 1 } },
  files: { "data.txt": "input", "sub/deep.txt": "deep" },
  memory: "24MiB",
  fuel: 100_000_000,
  workBytes: 300 * KiB,
});
/** By number, or with its name where MicroPython has one for it; from the library with its class, its text and the file. */
const os = (errno: number): Refusal =>
  raises(
    /^(?:OSError|FileNotFoundError|FileExistsError|PermissionError|IsADirectoryError|NotADirectoryError)$/,
    new RegExp(`^(\\[Errno ${errno}\\] ([A-Z]+|[A-Z][a-z -]+: .*)|${errno})$`),
  );
const [EPERM, ENOENT, EBUSY, EEXIST, ENOTDIR, EISDIR, EINVAL, EMFILE, ENOSPC, EROFS, ENAMETOOLONG, ENOTEMPTY] = [
  1, 2, 16, 17, 20, 21, 22, 24, 28, 30, 36, 39,
].map(os) as [
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
  Refusal,
];

describe("paths", () => {
  scene.meets("lead nowhere else", [
    ["open('/etc/passwd')", ENOENT],
    ["open('/proc/self/environ')", ENOENT],
    ["open('../../../../etc/passwd')", ENOENT],
    ["open('/work/../../../etc/passwd')", ENOENT],
    ["open('/input/../etc/passwd')", ENOENT],
    ["open('/input/sub/../../../etc/passwd')", ENOENT],
    ["open('/input//../..//etc/passwd')", ENOENT],
    ["open('/input/data.txt/../../etc/passwd')", ENOTDIR],
    ["open('C:\\\\Windows\\\\win.ini')", ENOENT],
    ["open('file:///etc/passwd')", ENOENT],
    ["open('~/.ssh/id_rsa')", ENOENT],
    ["open('')", ENOENT],
    ["open('/')", EPERM],
    ["open('/input').read()", EISDIR],
    ["open('data\\0.txt')", ENOENT],
    ["open('a' * 256, 'w')", ENAMETOOLONG],
    ["open('\u00e9' * 128, 'w')", ENAMETOOLONG],
    ["open('/'.join(['a'] * 3000), 'w')", ENAMETOOLONG],
    // Too long to look for its end: once this broke the interpreter.
    ["open('a' * 70000)", ENAMETOOLONG],
    ["import os\nos.stat('/' * 4090)[0] & 0o40000", gives(0o40000)],
    ["import os\nos.listdir('/')", gives(["rom", "dev", "lib", "tmp", "work", "input"])],
    ["import os\nos.symlink('/etc/passwd', 'x')", raises("AttributeError", "module 'os' has no attribute 'symlink'")],
    ["import os\nos.link('/etc/passwd', 'x')", raises("AttributeError", "module 'os' has no attribute 'link'")],
    ["import os\nos.chmod('/input', 0o777)", raises("AttributeError", "module 'os' has no attribute 'chmod'")],
    ["import os\nos.chroot('/')", raises("AttributeError", "module 'os' has no attribute 'chroot'")],
  ]);
});

describe("what the guest may not change", () => {
  scene.meetsInACopy("is read-only", [
    ["open('/input/data.txt', 'w')", EROFS],
    ["open('/input/data.txt', 'a')", EROFS],
    ["open('/input/data.txt', 'r+')", EROFS],
    ["open('/input/new', 'w')", EROFS],
    ["import os\nos.remove('/input/data.txt')", EROFS],
    ["import os\nos.mkdir('/input/new')", EROFS],
    ["import os\nos.rmdir('/input/sub')", ENOTEMPTY],
    ["import os\nos.rename('/input', '/old')", EROFS],
    ["import os\nos.rename('/input/data.txt', '/work/x')", EROFS],
    ["open('x', 'w').close()\nimport os\nos.rename('x', '/input/data.txt')", EROFS],
    ["import os\nos.mkdir('d')\nos.rename('d', '/input/sub')", EROFS],
    ["import os\nos.mkdir('e')\nos.rename('/input/sub', 'e/sub')", EROFS],
    ["import os\nos.chdir('/input')\ntry: open('x', 'w')\nfinally: os.chdir('/work')", EROFS],
    ["open('/lib/x.py', 'w')", EROFS],
    ["open('/lib/db.py', 'w')", EROFS],
    ["open('/lib/_escapement.py', 'a')", EROFS],
    ["import os\nos.remove('/lib/db.py')", EROFS],
    ["import os\nos.rename('/lib', '/lib2')", EROFS],
    ["import os\nos.rename('/work', '/lib')", ENOTEMPTY],
    ["import os\nos.rename('/lib/db.py', 'db.py')", EROFS],
    ["open('/dev/x', 'w')", EROFS],
    ["import os\nos.remove('/dev/host')", EROFS],
    ["import os\nos.remove('/dev/stdout')", EROFS],
    ["import os\nos.rename('/dev/host', '/x')", EBUSY],
    ["import os\nos.rename('/dev', '/x')", EROFS],
    ["open('/input/data.txt').read()", gives("input")],
  ]);
});

describe("renaming", () => {
  scene.meetsInACopy("breaks no tree", [
    ["import os\nos.mkdir('a')\nos.rename('a', 'a/b')", EINVAL],
    ["import os\nos.mkdir('a')\nos.mkdir('a/b')\nos.rename('a', 'a/b/c')", EINVAL],
    ["import os\nos.mkdir('a')\nos.rename('a', 'a')\nos.listdir()", gives(["a"])],
    ["import os\nos.rename('/', '/x')", EPERM],
    ["import os\nos.rename('.', 'x')", EBUSY],
    ["import os\nos.rename('..', 'x')", EBUSY],
    ["import os\nos.mkdir('a')\nos.rename('a/..', 'b')", EBUSY],
    ["import os\nos.mkdir('a')\nopen('f', 'w').close()\nos.rename('f', 'a')", EISDIR],
    ["import os\nos.mkdir('a')\nopen('f', 'w').close()\nos.rename('a', 'f')", ENOTDIR],
    ["import os\nos.mkdir('a')\nos.mkdir('b')\nopen('b/f', 'w').close()\nos.rename('a', 'b')", ENOTEMPTY],
    ["import os\nos.rename('nothing', 'x')", ENOENT],
    ["f = open('f', 'w')\nf.write('kept')\nimport os\nos.remove('f')\nf.close()\nos.listdir()", gives([])],
    ["f = open('f', 'w')\nimport os\nos.rename('f', 'g')\nf.write('x')\nf.close()\nopen('g').read()", gives("x")],
    ["import os\nos.mkdir('a')\nos.chdir('a')\nos.rename('/work/a', '/work/b')\nos.getcwd()", gives("/work/b")],
    ["import os\nos.mkdir('a')\nos.chdir('a')\nos.rmdir('/work/a')", EBUSY],
    ["import os\nos.rmdir('/work')", EBUSY],
    ["import os\nos.rmdir('/')", EPERM],
    ["import os\nos.mkdir('/work')", EEXIST],
    ["import os\nos.mkdir('a')\nos.rmdir('a/.')", EINVAL],
    ["import os\nos.umount('/')\nopen('x', 'w')", os(19)],
    ["import os\nos.mount(os.VfsPosix('/'), '/mnt')\nopen('/mnt/etc/passwd')", ENOENT],
    ["import os\nos.mount(os.VfsPosix('/input'), '/mnt')\nopen('/mnt/../../etc/passwd')", ENOENT],
    ["import os\nos.mount(os.VfsPosix('/input'), '/mnt')\nopen('/mnt/data.txt', 'w')", EROFS],
  ]);
});

describe("quotas", () => {
  scene.meetsInACopy("hold", [
    ["open('f', 'wb').write(bytes(300 * 1024))", gives(300 * KiB)],
    ["open('f', 'wb').write(bytes(300 * 1024 + 1))", ENOSPC],
    ["f = open('f', 'wb')\nwhile True: f.write(bytes(10000))", ENOSPC],
    ["for i in range(100): open('f%d' % i, 'wb').write(bytes(10000))", ENOSPC],
    ["f = open('f', 'wb')\nf.seek(10 ** 9)\nf.write(b'x')", ENOSPC],
    ["f = open('f', 'wb')\nf.seek(300 * 1024 - 1)\nf.write(b'x')", gives(1)],
    ["f = open('f', 'wb')\nf.seek(300 * 1024)\nf.write(b'x')", ENOSPC],
    ["f = open('f', 'wb')\nf.seek(-5)", EINVAL],
    ["f = open('f', 'wb')\nf.seek(2 ** 31 - 1)\nf.seek(2 ** 31 - 1, 1)\nf.write(b'x')", ENOSPC],
    ["f = open('f', 'wb')\nf.seek(2 ** 63)", raises("OverflowError", "overflow converting long int to machine word")],
    [
      "import os\nfor i in range(30):\n  f = open('f', 'wb')\n  f.write(bytes(100000))\n  f.close()\n  os.remove('f')\n1",
      gives(1),
    ],
    ["f = open('f', 'wb')\nimport os\nos.remove('f')\nf.write(bytes(300 * 1024))\nopen('g', 'wb').write(b'x')", ENOSPC],
    ["fs = [open('f%d' % i, 'w') for i in range(100)]", EMFILE],
    ["for i in range(10 ** 6): open('f%d' % i, 'w').close()", ENOSPC],
    ["import os\nfor i in range(10 ** 6): os.mkdir('d'); os.chdir('d')", ENOSPC],
    ["import os\nfor i in range(10 ** 6): os.mkdir('d%d' % i)", ENOSPC],
  ]);

  test("zeros cost fuel where a write behind the end makes them: the host would work for nothing", async () => {
    // In a fork each: what a run finds in the guest's heap has a price, too.
    const fuelOf = async (offset: number) => {
      const copy = await scene.victim.fork();
      const { fuel } = await copy.run(`f = open('h', 'wb')\nf.seek(${offset})\nf.write(b'x')\nf.close()`);
      copy.close();
      return fuel.used;
    };
    expect((await fuelOf(250_000)) - (await fuelOf(100_000))).toBeGreaterThan(150_000 / 20);
  });

  test("a directory that is too deep for a path answers", async () => {
    const copy = await scene.victim.fork();
    const deep = "import os\nfor i in range(3000): os.mkdir('d'); os.chdir('d')\n";
    expectRefusal(await copy.run(`${deep}os.getcwd()`, { fuel: 1e9 }), raises("OSError", /./));
    expect((await copy.run("add(alive, 1)")).value).toBe(2);
    expect(copy.listFiles("/work")).toEqual(["d"]);
    copy.close();
  });

  test("what is full when the run ends is full for the host, too", async () => {
    const copy = await scene.victim.fork();
    await copy.run("open('f', 'wb').write(bytes(300 * 1024))");
    expect(() => copy.writeFile("g", "x")).toThrow("file quota used up");
    expect(copy.readFile("f").length).toBe(300 * KiB);
  });
});

describe("devices", () => {
  scene.meetsInACopy("are what they are", [
    ["open('/dev/random')", ENOENT],
    ["open('/dev/mem')", ENOENT],
    ["open('/dev/stdin').read()", gives("")],
    ["open('/dev/null', 'w').write('x' * 1000)", gives(1000)],
    ["open('/dev/null').read()", gives("")],
    ["open('/dev/stdout').read()", gives("")],
    ["open('/dev/stdin', 'w')", EROFS],
    ["open('/dev/stdout', 'wb').seek(0)", os(29)],
    ["open('/dev/host/x')", ENOTDIR],
    ["open(1, 'wb').write(b'x')", gives(1)],
    ["open(77, 'wb').write(b'x')", raises("OSError", /^(\[Errno 9\] EBADF|9)$/)],
    ["open(-1, 'wb').write(b'x')", raises("ValueError", /./)],
  ]);
});

describe("frames that the guest writes to /dev/host itself", () => {
  const send = (frame: string): string => `f = open('/dev/host', 'r+b')\nf.write(${frame})\nstr(f.read(300)[4:])`;
  const call = (name: string, args = "l\\0\\0\\0\\0", kwargs = "d\\0\\0\\0\\0"): string =>
    `b'Cl\\x03\\0\\0\\0${name}${args}${kwargs}'`;
  const text = (value: string): string => `s\\x${value.length.toString(16).padStart(2, "0")}\\0\\0\\0${value}`;
  const answers = (message: string): Refusal => gives(expect.stringContaining(message));

  scene.meetsInACopy("are data or are refused", [
    [send("b'Q'"), answers("value cut short")],
    [send("b'C'"), answers("value cut short")],
    [send("b'CN'"), answers("malformed host call")],
    [send("b'QN'"), answers("malformed host call")],
    [send("b'AN'"), answers("malformed host call")],
    [send("b'Al\\x01\\0\\0\\0T'"), answers("malformed host call")],
    [send("b'Cl\\xff\\xff\\xff\\xff'"), answers("value cut short")],
    [send("b'Cs\\xff\\xff\\xff\\xffx'"), answers("value cut short")],
    [send("b'Cb\\xff\\xff\\xff\\x7fx'"), answers("value cut short")],
    [send("b'Ci\\xff\\xff\\xff\\xffx'"), answers("value cut short")],
    [send("b'Cd\\xff\\xff\\xff\\xffN'"), answers("value cut short")],
    [send("b'Ci\\x01\\0\\0\\0x'"), answers("not an integer")],
    [send("b'Ci\\0\\0\\0\\0'"), answers("not an integer")],
    [send("b'Cs\\x01\\0\\0\\0\\xff'"), answers("text is not UTF-8")],
    [send("b'CX'"), answers("unknown kind of value")],
    [send("b'CNN'"), answers("bytes after the value")],
    [send("b'C' + b'l\\x01\\0\\0\\0' * 40 + b'N'"), answers("value nested too deeply")],
    [send("b'C' + b'd\\x01\\0\\0\\0' * 40 + b'N'"), answers("value nested too deeply")],
    [send("b'Ch\\0\\0\\0\\0'"), answers("object is gone")],
    [send("b'CX' * 200000"), answers("host call too large")],
    [send(call(text("nothing"))), answers("no such host function")],
    [send(call(text("__proto__"))), answers("no such host function")],
    [send(call(text("constructor"))), answers("no such host function")],
    [send(call(text("db"))), answers("no such host function")],
    [send(call("N")), answers("no such host function")],
    [send(call("l\\x02\\0\\0\\0i\\x01\\0\\0\\x000s\\x08\\0\\0\\0toString")), answers("no such host function")],
    [send(call("l\\x02\\0\\0\\0f\\0\\0\\0\\0\\0\\0\\xf8\\x7fN")), answers("no such host function")],
    [send(call(text("add"), "N")), answers("no such host function")],
    [send(call(text("add"), "l\\0\\0\\0\\0", "N")), answers("no such host function")],
    [send(call(text("db.query"))), gives(expect.stringContaining("R"))],
    ["f = open('/dev/host', 'r+b')\nf.write(b'')\nf.read(4)", gives(new Uint8Array(0))],
    ["f = open('/dev/host', 'wb')\nf.write(b'VT')\nNone", gives(null)],
  ]);

  // Frames that name objects in memory: whatever is at that address.
  test.each(["D", "W", "P", "Z", "B", "K", "R", "E", "V"])(
    "of kind %s, with any content, end in a result",
    async (kind) => {
      const copy = await scene.victim.fork();
      const name = text("add");
      const { status, error } = await copy.run(
        `import struct, uctypes
ends = []
f = open('/dev/host', 'r+b')
x = bytearray(64)
for a in (0, 1, 4, 65536, 200000, uctypes.addressof(x), 2 ** 24, 2 ** 25, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1):
  for tail in (b"", b"N", b"${name}", b"\\xff" * 40):
    try:
      f.write(b"${kind}" + struct.pack("<I", a) + tail)
      ends.append(f.read(200))
    except (OSError, ValueError) as e: ends.append(e)
len(ends)`,
      );
      expect([status, error?.kind ?? null]).toEqual(error === null ? ["ok", null] : ["error", "trap"]);
      await copy.rewind();
      expect((await copy.run("add(alive, 1)")).value).toBe(2);
      copy.close();
    },
  );

  test("whose results nobody reads leave the session as it was", async () => {
    const never = `f = open('/dev/host', 'wb')\nf.write(${call(text("never"))})\nx = 1`;
    expectRefusal(await scene.victim.run(never), { status: "ok", kind: null, rewound: false });
    expect(scene.victim.snapshot()).toBeInstanceOf(Uint8Array);
    (await scene.victim.fork()).close();
    expectRefusal(
      await scene.victim.run(`${never}\nf.write(${call(text("never"))})`),
      traps("a host call was made while another one waits"),
    );
  });
});

describe("source", () => {
  test.each([
    ["null", null, "neither text nor a Uint8Array"],
    ["undefined", undefined, "neither text nor a Uint8Array"],
    ["a number", 5, "neither text nor a Uint8Array"],
    ["an object", {}, "neither text nor a Uint8Array"],
    ["a list", [49], "neither text nor a Uint8Array"],
    ["a String object", Object("1"), "neither text nor a Uint8Array"],
    ["a function", () => "1", "neither text nor a Uint8Array"],
    ["words", new Uint16Array([49]), "neither text nor a Uint8Array"],
    ["a proxy of bytes", new Proxy(new Uint8Array(1), {}), "neither text nor a Uint8Array"],
    ["NUL", "x = 1\0", "NUL character at offset 5"],
    ["NUL bytes", new Uint8Array([49, 0]), "NUL character at offset 1"],
    ["half a pair", "x = '\ud800'", "lone surrogate"],
    ["bytes that are not UTF-8", new Uint8Array([49, 0xff]), "byte 0xff at offset 1"],
    ["an overlong form", new Uint8Array([0xc0, 0x80]), "byte 0xc0 at offset 0"],
    ["a surrogate as bytes", new Uint8Array([0xed, 0xa0, 0x80]), "byte 0xed at offset 0"],
  ])("that is %s is refused", async (_what, code, message) => {
    const refused = scene.victim.run(code as string);
    await expect(refused).rejects.toThrow(SandboxUsageError);
    await expect(refused).rejects.toThrow(message);
  });

  const large = 3 * 2 ** 20;
  test.each([
    ["of parentheses", "(".repeat(large), burnsAndRewinds],
    ["of one name", "a".repeat(large), burnsAndRewinds],
    ["of a shorter name", "a".repeat(20_000), raises("RuntimeError", "name too long")],
    ["of quotes", "'".repeat(large), burnsAndRewinds],
    ["of one text", `'${"a".repeat(large)}'`, burnsAndRewinds],
    ["of statements", "x = 1\n".repeat(large / 6), burnsAndRewinds],
    ["of continued lines", "\\\n".repeat(large / 2), burnsAndRewinds],
    ["of lambdas", "lambda:".repeat(10_000), raises("SyntaxError", "invalid syntax")],
    ["of letters beyond ASCII", "\u00e9".repeat(large / 2), burnsAndRewinds],
  ])("that is megabytes %s meets a limit", async (_what, code, refusal) => {
    expectRefusal(await scene.victim.run(code), refusal);
  });

  test("that is larger than the memory is a result, not a rejection", async () => {
    const result = await scene.victim.run("#".repeat(30 * 2 ** 20));
    expectRefusal(result, {
      status: "out-of-memory",
      kind: "memory-limit",
      type: null,
      message: /^the memory limit leaves no room for \d+ bytes$/,
      rewound: false,
    });
    expect(result.fuel.used).toBe(0);
  });

  scene.meets("of odd forms", [
    ["\ufeffadd(1, 2)", gives(3)],
    ["add(1,\r\n2)", gives(3)],
    ["while True: pass", burns],
    [" x = 1", raises("IndentationError", "unexpected indent")],
    ["x = 1\n  y = 2", raises("IndentationError", "unexpected indent")],
    ["yield 1", raises("SyntaxError", "'yield' outside function")],
    ["return 1", raises("SyntaxError", "'return' outside function")],
    ["_escapement_value_ = exit", raises("NameError", "name 'exit' is not defined")],
    ["5\\", raises("SyntaxError", "invalid syntax")],
    ["(5", raises("SyntaxError", "invalid syntax")],
    ["'''", raises("SyntaxError", "invalid syntax")],
  ]);
});

test("a session with nothing answers to everything", async () => {
  const bare = await Sandbox.create({ fuel: 0 });
  expect((await bare.run("1")).status).toBe("out-of-fuel");
  expect((await bare.run("1", { fuel: 1e6 })).value).toBe(1);
});
