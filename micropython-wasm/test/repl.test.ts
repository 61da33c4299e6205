// The REPL as a terminal sees it: bytes in, bytes out.
import { expect, test } from "vitest";
import { Sandbox } from "../session/sandbox.js";
import { PythonRepl, type ReplOptions } from "../terminal/repl.js";

/** A session whose keys are text; `type` answers with what was shown since. */
async function session(options: Partial<ReplOptions> = {}) {
  let shown = "";
  const decoder = new TextDecoder();
  const repl = await PythonRepl.start({
    write: (bytes) => {
      shown += decoder.decode(bytes, { stream: true });
    },
    ...options,
  });
  const take = () => {
    const text = shown.replaceAll("\r\n", "\n");
    shown = "";
    return text;
  };
  const banner = take();
  const send = (keys: string) => repl.type(new TextEncoder().encode(keys));
  return {
    repl,
    banner,
    send,
    take,
    async type(keys: string) {
      send(keys);
      await repl.idle();
      return take();
    },
    async until(condition: (text: string) => boolean) {
      while (!condition(shown)) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}

test("shows MicroPython's banner, evaluates, and keeps variables", async () => {
  const { banner, type } = await session();
  expect(banner).toMatch(/^\nMicroPython v[\s\S]*\n>>> $/);
  expect(await type("x = 6\r")).toBe("x = 6\n>>> ");
  expect(await type("x * 7\r")).toBe("x * 7\n42\n>>> ");
  expect(await type("1/0\r")).toContain("ZeroDivisionError: division by zero\n>>> ");
});

test("edits lines: erasing, history, the cursor; blocks go on until an empty line; paste mode", async () => {
  const { type } = await session();
  expect(await type("prinx\x7ft(5)\r")).toMatch(/\n5\n>>> $/);
  expect(await type("a = 10\r\x1b[A\x7f\x7f42\ra\r")).toMatch(/\n42\n>>> $/);
  expect(await type("a\x1b[D4\x1b[C\r")).toContain("SyntaxError");
  expect(await type("for i in range(2):\rprint('n', i)\r\r")).toMatch(/\.\.\. {5}print[\s\S]*\nn 0\nn 1\n>>> $/);
  const pasted = await type("\x05def f():\r    return 'pasted'\r\x04f()\r");
  expect(pasted).toContain("paste mode; Ctrl-C to cancel, Ctrl-D to finish\n=== ");
  expect(pasted).toMatch(/'pasted'\n>>> $/);
});

test("Ctrl-D leaves, and so does exit; Ctrl-C at the prompt only drops the line", async () => {
  const { repl, type } = await session();
  expect(await type("abc\x03")).toBe("abc\n>>> ");
  expect(repl.ended).toBe(false);
  await type("\x04");
  expect(repl.ended).toBe(true);
  const other = await session();
  await other.type("import sys\rsys.exit()\r");
  expect(other.repl.ended).toBe(true);
});

/** Whether a program has printed `going`: what was typed has it in two parts. */
const isGoing = (text: string) => text.includes("going");

test("Ctrl-C raises KeyboardInterrupt in what runs, which can be caught", async () => {
  const { send, take, until, type, repl } = await session({ fuel: 2 ** 50 });
  send("n = 0\rwhile True: n += 1; n == 20 and print('go' 'ing')\r\r");
  await until(isGoing);
  send("\x03");
  await until((text) => text.includes("KeyboardInterrupt"));
  await repl.idle();
  expect(take()).toMatch(/Traceback[\s\S]*KeyboardInterrupt: \n>>> $/);
  expect(await type("n > 10\r")).toContain("\nTrue\n>>> ");
  send("\x05try:\r    print('go' 'ing')\r    while True: pass\rexcept KeyboardInterrupt:\r    print('caught')\r\x04");
  await until(isGoing);
  send("\x03");
  await repl.idle();
  expect(take()).toMatch(/caught\n>>> $/);
});

test("a statement that does not let go is undone at the third Ctrl-C", async () => {
  const { send, take, until, repl, type } = await session({ fuel: 2 ** 50 });
  await type("kept = 1\r");
  send("\x05print('go' 'ing')\rwhile True:\r    try:\r        while True: kept = 2\r    except: pass\r\x04");
  await until(isGoing);
  for (let i = 0; i < 3; i++) {
    send("\x03");
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await repl.idle();
  expect(take()).toContain("the statement did not stop; back to before this statement\n>>> ");
  expect(await type("kept\r")).toBe("kept\n1\n>>> ");
});

test("out of fuel ends the statement; :fuel shows and sets the limit", async () => {
  const { type } = await session({ fuel: 300_000 });
  expect(await type("while True: pass\r\r")).toMatch(
    /KeyboardInterrupt: \n[\s\S]*out of fuel: the limit of a statement is 300000; :fuel COUNT changes it\n>>> $/,
  );
  expect(await type("sum(range(20000))\r")).toContain("out of fuel");
  expect(await type(":fuel 20_000_000\r")).toContain("limit of each 20000000 (escapement-2)\n>>> ");
  expect(await type("sum(range(20000))\r")).toContain("\n199990000\n>>> ");
  const used = Number(/(\d+) used by the last statement/.exec(await type(":fuel\r"))![1]);
  expect(used).toBeGreaterThan(300_000);
  expect(await type(":fuel much\r")).toBe(":fuel much\nnot a count of fuel: much\n>>> ");
});

test(":undo goes back statement by statement, blocks counted as one", async () => {
  const { type } = await session();
  await type("x = [1]\r");
  await type("x.append(2)\r");
  await type("for i in (3, 4):\rx.append(i)\r\r\x7f\r");
  expect(await type("x\r")).toContain("[1, 2, 3, 4]");
  await type(":undo\r:undo\r");
  expect(await type("x\r")).toContain("[1, 2]\n");
  await type(":undo\r:undo\r");
  expect(await type("x\r")).toContain("[1]\n");
  await type(":undo\r:undo\r");
  expect(await type("x\r")).toContain("NameError");
  await type("dropped\x03\r:undo\r:undo\r");
  expect(await type(":undo\r")).toBe(":undo\nnothing to undo\n>>> ");
});

test(":save and :load carry a session over to another; what is no such session changes nothing", async () => {
  const files = new Map<string, Uint8Array>();
  const store = {
    save: (name: string, snapshot: Uint8Array) => void files.set(name, snapshot),
    load: (name: string) => {
      const bytes = files.get(name);
      if (bytes === undefined) throw new Error(`no file ${name}`);
      return bytes;
    },
  };
  const first = await session({ store });
  await first.type("def f(n): return n * 2\r\rx = f(21)\r");
  expect(await first.type(":save a.bin\r")).toMatch(/\n\d+ bytes\n>>> $/);
  const second = await session({ store });
  await second.type("y = 1\r");
  expect(await second.type(":load a.bin\r")).toBe(":load a.bin\n>>> ");
  expect(await second.type("f(x)\r")).toBe("f(x)\n84\n>>> ");
  expect(await second.type("input()\rtyped\r")).toContain("'typed'");
  const whole = files.get("a.bin")!;
  files.set("cut.bin", whole.slice(0, -100));
  files.set(
    "altered.bin",
    whole.map((byte, i) => (i === whole.length >> 1 ? byte ^ 1 : byte)),
  );
  using sandbox = await Sandbox.create();
  files.set("other.bin", sandbox.snapshot());
  for (const name of ["missing.bin", "cut.bin", "altered.bin", "other.bin"]) {
    expect(await second.type(`:load ${name}\r`), name).toMatch(/^:load \S+\n.+\n>>> $/);
  }
  expect(await second.type("x\r")).toContain("\n42\n");
  await second.type(":undo\r".repeat(4));
  expect(await second.type("y\r")).toContain("\n1\n");
});

test.each([
  ["import sys\rsys.exit(3)\r", 3],
  ["raise SystemExit\r", 0],
  ["raise SystemExit(None)\r", 0],
  ["raise SystemExit(True)\r", 1],
  ["raise SystemExit('a message')\r", 1],
  ["raise SystemExit(-1)\r", 255],
  ["class Exit(SystemExit): pass\r\rraise Exit(7)\r", 7],
  ["\x05import sys\ntry:\n    sys.exit(1)\nfinally:\n    sys.exit(5)\n\x04", 5],
  ["import sys\rtry: sys.exit(1)\rexcept SystemExit: pass\r\r\x04", 0],
  ["exit(4)\r", 4],
  ["quit()\r", 0],
  // Deep in calls, and with a collection due.
  ["\x05import sys\ndef f(n):\n    l = [0] * 2000\n    f(n - 1) if n else sys.exit(9)\nf(200)\n\x04", 9],
])("leaves with the status of SystemExit: %j", async (keys, status) => {
  const { repl, type } = await session({ fuel: 2 ** 40 });
  await type(keys);
  expect([repl.ended, repl.exitStatus]).toEqual([true, status]);
});

test("Ctrl-C drops what is left of a long paste", async () => {
  const { repl, send, take, type, until } = await session();
  const count = 5_000;
  send(`x = 0\r${"x += 1\r".repeat(count)}`);
  await until((text) => text.includes("x += 1\n") || text.includes("x += 1\r"));
  send("\x03");
  await repl.idle();
  expect(take()).toMatch(/\n>>> $/);
  const x = Number(/\n(\d+)\n>>> $/.exec(await type("x\r"))![1]);
  expect(x).toBeLessThan(count);
  // What comes with it, before and behind, is kept.
  expect(await type("y = 1\rab\x03y\r")).toBe("y = 1\n>>> ab\n>>> y\n1\n>>> ");
});

test("commands are known at an empty prompt, whatever was typed there before", async () => {
  const { type } = await session();
  const memory = /:memory\n\d+ bytes of 67108864\n>>> $/;
  await type("x = 1\r");
  for (const keys of [
    "\x1b[A\x1b[B",
    "abc\x1b[D\x1b[D\x1b[C\x01\x0b",
    "y\x7f",
    "\x1b[D",
    "ab\x15",
    "ab\x03",
    "\x02",
    "\r",
  ]) {
    expect(await type(`${keys}:memory\r`), JSON.stringify(keys)).toMatch(memory);
  }
  // Below the list of what Tab could complete.
  expect(await type("import sys, os\r\t:memory\r")).toMatch(memory);
  // After output without a line's end.
  expect(await type("print('>>> ', end='')\r:memory\r")).toMatch(memory);
  expect(await type("x\x1b[D:\r")).toContain("SyntaxError");
  expect(await type("\x05>>> \r:\r\x03:memory\r")).toMatch(memory);
});

test("a program may change its prompts", async () => {
  const { type } = await session();
  expect(await type("import sys\rsys.ps1, sys.ps2 = '$ ', '> '\r")).toMatch(/\n\$ $/);
  expect(await type(":memory\r")).toMatch(/^:memory\n\d+ bytes of \d+\n\$ $/);
  expect(await type("if 1:\r:\x03")).toMatch(/\n> +:\n\$ $/);
  expect(await type("y = 1\r:undo\ry\r")).toContain("NameError");
  expect(await type(":undo\r:undo\r")).toMatch(/\n>>> $/);
  expect(await type(":memory\r")).toMatch(/\n>>> $/);
});

test.each<[string | number, string]>([
  ["\x1b[32m$ \x1b[0m", "in colour"],
  ["\n(py) ", "of two lines"],
  ["", "that shows nothing"],
  ["\u03bb ", "outside ASCII"],
  [5, "that is none"],
])("commands work after a prompt %j, %s", async (prompt) => {
  const { type } = await session();
  await type(`import sys\rx = 1\rsys.ps1 = ${JSON.stringify(prompt)}\r`);
  await type("x = 2\r");
  expect(await type(":memory\r")).toMatch(/:memory\n\d+ bytes of \d+\n/);
  await type(":undo\r");
  expect(await type("x\r")).toMatch(/\n1\n/);
  expect(await type("while True: pass\r\r")).toContain("out of fuel");
});

test("states for :undo take no more memory than is allowed", async () => {
  const { type } = await session({ undoBytes: 1 });
  for (let i = 0; i < 3; i++) await type(`x = ${i}\r`);
  expect(await type(":undo\rx\r")).toMatch(/\n1\n>>> $/);
  // The state before `x` was shown is all that is left.
  expect(await type(":undo\r:undo\r")).toMatch(/:undo\n>>> :undo\nnothing to undo\n>>> $/);
});

test("a command line is edited by the host: erasing all of it leaves it, cursor keys do nothing", async () => {
  const { type } = await session();
  expect(await type(":\x7f1 + 1\r")).toMatch(/\n2\n>>> $/);
  expect(await type(":mem\x1b[D\x1b[3~\x1bOAory\r")).toMatch(/\n\d+ bytes of/);
  expect(await type(":\x04")).toBe(":\n>>> ");
  expect(await type(":frobnicate\r")).toMatch(/^:frobnicate\nno such command: :frobnicate\n:fuel [\s\S]*\n>>> $/);
  expect(await type(":save\r:save x\r")).toContain("there is nowhere to save to");
  expect(await type("input()\r\u00e9a\x7f\x7fb\x1b[Ac\r")).toContain("'bc'");
});

test("keys that edit are not charged to the statement; completion that does not end is stopped", async () => {
  const { type } = await session({ fuel: 10 });
  expect(await type("x = 1\x1b[D2\x7f\r")).toMatch(/x = 1.*\n[\s\S]*out of fuel: the limit of a statement is 10;/);
  await type(":fuel 1_000_000\r");
  expect(await type("2 + 3\r")).toContain("\n5\n");
  await type("class A:\rdef __getattr__(self, n):\rwhile 1: pass\r\x7f\x7f\x7f\r\r\ra = A()\r");
  expect(await type("a.\t")).toMatch(/out of fuel while the line was edited; back to before this statement\n>>> $/);
  expect(await type("type(a)\r")).toContain("<class 'A'>\n>>> ");
});

test("a colon is a command only where a statement begins", async () => {
  const { type } = await session();
  expect(await type("{1:2}[1]\r")).toContain("\n2\n>>> ");
  expect(await type("a\x7f:memory\r")).toMatch(/:memory\n\d+ bytes of 67108864\n>>> $/);
  expect(await type(":mx\x7femory\r")).toMatch(/\n\d+ bytes of 67108864\n>>> $/);
  expect(await type(":help\r")).toContain(":save FILE");
  expect(await type(":undo\x03")).toBe(":undo\n>>> ");
  expect(await type("if 1:\r:")).toBe("if 1:\n...     :");
});

test("in a block, :undo drops what is typed of it, and other commands go on with it", async () => {
  const { type } = await session();
  await type("x = 1\r");
  expect(await type("for i in range(2):\rx += 1\r:undo\r")).toMatch(/\.\.\. {5}:undo\n>>> $/);
  expect(await type("x\r")).toContain("\n1\n>>> ");
  // The block was not run: what is undone next is the statement before it, and here the one that shows x.
  await type(":undo\r:undo\r");
  expect(await type("x\r")).toContain("NameError");
  expect(await type("for i in range(2):\r:memory\r")).toMatch(/:memory\n\d+ bytes of 67108864\n\.\.\. {5}$/);
  expect(await type(":save a\r")).toMatch(/:save is for between statements; :undo drops this one\n\.\.\. {5}$/);
  expect(await type("print('row', i)\r\r")).toMatch(/\nrow 0\nrow 1\n>>> $/);
  expect(await type("\x05y = 1\r:undo\r")).toMatch(/=== :undo\n>>> $/);
  expect(await type("y\r")).toContain("NameError");
});

test("inside of brackets and texts, a line that looks like a command is Python's", async () => {
  const { type } = await session();
  expect(await type("undo = 1\r[7, 8, 9][  # a slice\r:undo\r]\r")).toMatch(/\n\[7\]\n>>> $/);
  expect(await type('"""a\r:undo\r"""\r')).toContain("'a\\n:undo\\n'\n>>> ");
  expect(await type("if '[':\r:undo\r")).toMatch(/:undo\n>>> $/);
});

test("lines are recalled across sessions, non-ASCII ones and those of blocks too; what is typed comes back", async () => {
  const kept = ["print('from before')", "'é'", "x = 5"];
  const history = { lines: [...kept], add: (line: string) => void kept.push(line) };
  const first = await session({ history });
  expect(await first.type("\x1b[A\x1b[A\x1b[A\r")).toMatch(/print\('from before'\)\nfrom before\n>>> $/);
  expect(await first.type("\x1b[A\x1b[A\x1b[A\r")).toMatch(/'\\u00e9'\n'é'\n>>> $/);
  expect(await first.type("ab\x10\x10\x0e\x0ec\x7f\x7f = 3\ra\r")).toMatch(/ = 3\n>>> a\n3\n>>> $/);
  await first.type("for i in range(2):\rprint('row', i)\r\r");
  expect(kept.slice(3)).toEqual([
    "print('from before')",
    "'\\u00e9'",
    "a = 3",
    "a",
    "for i in range(2):",
    "print('row', i)",
  ]);
  // Dropped lines and commands are not kept, nor is a line a second time in a row.
  await first.type("dropped\x03:memory\ra\ra\r");
  expect(kept.at(-2)).toBe("print('row', i)");
  expect(await first.type("\x1b[A\x1b[A\x1b[A\x1b[B\x1b[B\r")).toMatch(/a\n3\n>>> $/);
  const second = await session({ history: { lines: kept, add() {} } });
  expect(await second.type("b = 4\r\x1b[A\x1b[A\x1b[B\x7f6\rb\r")).toMatch(/6\n>>> b\n6\n>>> $/);
  expect(await second.type("if 1:\r\x10\x10\r\r")).toMatch(/\n6\n>>> $/);
});

test("input() reads a line at the terminal, with typing ahead, Ctrl-C and Ctrl-D", async () => {
  const { type, send, take, repl, until } = await session();
  expect(await type("input('name? ')\rAdb\x7fa\r")).toContain("name? Adb\b \ba\n'Ada'\n>>> ");
  send("input()\r");
  await until((text) => text.endsWith("\r\n"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  send("\x03");
  await repl.idle();
  expect(take()).toMatch(/KeyboardInterrupt: \n>>> $/);
  expect(await type("input()\r\x04")).toMatch(/EOFError: \n>>> $/);
});

test("characters beyond ASCII are kept: the line shows the escape that is run", async () => {
  const { type } = await session();
  expect(await type("x = 'é😀'\r")).toBe("x = '\\u00e9\\U0001f600'\n>>> ");
  expect(await type("print(x, len(x))\r")).toBe("print(x, len(x))\né😀 2\n>>> ");
  // A character that comes in pieces, and bytes that are none.
  const { repl, take } = await session();
  for (const byte of [0x27, 0xc3, 0xa9, 0xff, 0x80, 0x41, 0x27, 0x0d]) {
    repl.type(Uint8Array.of(byte));
    await repl.idle();
  }
  expect(take()).toBe("'\\u00e9A'\n'éA'\n>>> ");
  expect(await type("input()\rà\r")).toMatch(/'à'\n>>> $/);
});

test("help() names the commands, and help(x) is MicroPython's", async () => {
  const { type } = await session();
  expect(await type("help()\r")).toContain(
    ":undo            back to before the last statement; in a block: drops the block\n",
  );
  expect(await type("help(1)\r")).toContain("object 1 is of type int\n");
});
