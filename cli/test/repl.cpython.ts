// CPython at a terminal: keys in, what the terminal shows out.
import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { CPythonRepl, type CPythonReplOptions } from "../cpython-repl.js";

const open: PassThrough[] = [];
afterEach(() => {
  for (const input of open.splice(0)) input.end();
});

/** A session at a terminal; `type` answers with what was shown until the text that is awaited. */
async function session(options: Partial<CPythonReplOptions> = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  open.push(input);
  let shown = "";
  let onOutput = () => {};
  output.on("data", (bytes: Buffer) => {
    // Without the sequences by which readline moves the cursor.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with ESC
    shown += bytes.toString().replaceAll(/\x1b\[\d*[A-Z]|\r/g, "");
    onOutput();
  });
  const repl = await CPythonRepl.start({
    input,
    output,
    fuel: 2 ** 40,
    memory: 2 ** 28,
    store: { save() {}, load: () => new Uint8Array(0) },
    ...options,
  });
  const ended = repl.talk();
  const until = (expected: string) =>
    new Promise<string>((resolve) => {
      onOutput = () => {
        const at = shown.indexOf(expected);
        if (at < 0) return;
        const text = shown.slice(0, at + expected.length);
        shown = shown.slice(at + expected.length);
        onOutput = () => {};
        resolve(text);
      };
      onOutput();
    });
  const prompt = () => until(">>> ");
  await prompt();
  return {
    ended,
    prompt,
    send: (keys: string) => input.write(keys),
    until,
    /** Up to the next prompt, unless told otherwise. */
    type(keys: string, expected = "\n>>> ") {
      input.write(keys);
      return until(expected);
    },
  };
}

test("evaluates, keeps variables, shows tracebacks as CPython does, and remembers lines", async () => {
  const { type } = await session();
  await type("x = 6\r", ">>> ");
  expect(await type("x * 7\r")).toBe("x * 7\n42\n>>> ");
  expect(await type("1 / 0\r")).toContain(
    'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\nZeroDivisionError: division by zero\n',
  );
  expect(await type("x = (\x03", ">>> ")).toContain("KeyboardInterrupt");
  expect(await type("\x1b[A\x1b[A\r")).toContain("\n42\n");
  expect(await type("'\u00e9\u{1f600}'\r")).toContain("\n'\u00e9\u{1f600}'\n");
});

test("blocks go on until an empty line, and show each value in them", async () => {
  const { type } = await session();
  expect(await type("for i in range(2):\r  i + 40\r\r")).toMatch(/\n\.\.\. [\s\S]*\n40\n41\n>>> $/);
  expect(await type("def f(a,\r  b):\r    return a - b\r\rf(5, 3)\r", "2\n")).toContain("... ");
  expect(await type("x = '''one\rtwo'''\rx\r", "\\ntwo'\n")).toContain("'one");
  expect(await type("if 1:\rx\r", "expected an indented block after 'if' statement on line 1\n")).toContain("line 2");
});

test("Ctrl-C raises KeyboardInterrupt, which can be caught; a statement that does not let go is undone", async () => {
  const { type, send, until, prompt } = await session();
  send("kept = 1\rwhile True:\r  if kept == 1: print('go' 'ing')\r  kept = 2\r\r");
  await until("going\n");
  send("\x03");
  expect(await until("KeyboardInterrupt\n")).toMatch(/File "<stdin>", line \d, in <module>/);
  await prompt();
  expect(await type("kept\r")).toContain("\n2\n");
  send("import time\rtry:\r  print('go' 'ing')\r  while True: pass\rexcept KeyboardInterrupt: print('cau' 'ght')\r\r");
  await until("going");
  send("\x03");
  await until("caught");
  await prompt();
  send("while True:\r  try:\r    print('stub' 'born')\r    while True: kept = 3\r  except BaseException: pass\r\r");
  for (let i = 0; i < 3; i++) {
    await until("stubborn");
    send("\x03");
  }
  await until("the statement did not stop; back to before this statement\n");
  await prompt();
  expect(await type("kept\r")).toContain("\n2\n");
}, 300_000);

test("out of fuel ends a statement, which keeps what it has done; :fuel shows and sets the limit", async () => {
  const { type, prompt } = await session({ fuel: 3_000_000 });
  expect(await type("n = 0\rwhile True: n += 1\r\r", "changes it\n")).toMatch(
    /KeyboardInterrupt\nout of fuel: the limit of a statement is 3000000; :fuel COUNT changes it\n$/,
  );
  await prompt();
  expect(await type("n > 1000\r")).toContain("\nTrue\n");
  expect(await type(":fuel 50_000_000\r")).toMatch(
    /\d+ used by the last statement, \d+ in all; limit of each 50000000/,
  );
  expect(await type(":fuel much\r")).toContain("not a count of fuel: much\n");
});

test(":undo, :memory and others are commands at an empty prompt", async () => {
  const { type, prompt } = await session();
  await type("l = [1]\r", ">>> ");
  await type("l.append(2)\r", ">>> ");
  await type(":undo\r", ">>> ");
  expect(await type("l\r")).toContain("\n[1]\n");
  expect(await type(":memory\r")).toMatch(/\d+ bytes of 268435456\n/);
  await type(":undo\r:undo\r", ">>> :undo\n");
  await prompt();
  await type(":undo\r", "nothing to undo\n");
  await prompt();
  expect(await type(":what\r")).toContain("no such command: :what\n:fuel ");
  expect(await type("[1, 2][0:\r1]\r", "[1]\n")).toBeDefined();
});

test(":save and :load carry a session over to another; what is no such session changes nothing", async () => {
  const files = new Map<string, Uint8Array>();
  const store = {
    save: (name: string, snapshot: Uint8Array) => void files.set(name, snapshot),
    load: (name: string) => files.get(name) ?? Uint8Array.of(1, 2, 3),
  };
  const first = await session({ store });
  await first.type("def f(n): return n * 2\r\rx = f(21)\r:save a\r", " bytes\n");
  const second = await session({ store });
  await second.type("y = 1\r", ">>> ");
  expect(await second.type(":load none\r")).toMatch(/snapshot/);
  expect(await second.type("y\r")).toContain("\n1\n");
  await second.type(":load a\r", ">>> ");
  expect(await second.type("f(x)\r")).toContain("\n84\n");
  files.set("cut", files.get("a")!.slice(0, -100));
  await second.type(":load cut\r");
  expect(await second.type("x\r")).toContain("\n42\n");
  await second.type(":undo\r:undo\r:undo\r:undo\ry\r", "\n1\n");
}, 300_000);

test("input() reads a line, with Ctrl-C and Ctrl-D", async () => {
  const { type, send, until, prompt } = await session();
  send("input('na' 'me? ')\r");
  await until("name? ");
  expect(await type("Adb\x7fa\r")).toContain("\n'Ada'\n");
  send("input('mo' 're? ')\r");
  await until("more? ");
  expect(await type("\x03", "KeyboardInterrupt\n")).toContain("Traceback");
  await prompt();
  send("input('la' 'st? ')\r");
  await until("last? ");
  expect(await type("\x04", "EOFError: EOF when reading a line\n")).toContain("Traceback");
  await prompt();
  send("input('aga' 'in? ')\r");
  await until("again? ");
  expect(await type("typed\r")).toContain("\n'typed'\n");
  // Typed ahead of the question.
  expect(await type("input('ear' 'ly? ')\r\x04", "EOFError: EOF when reading a line\n")).toContain("early? ");
});

test("Tab completes names and indents; what completing does is undone", async () => {
  const { type, send, until } = await session();
  // What comes in one piece is pasted: a Tab in it stands for itself.
  const complete = async (typed: string, rest: string) => {
    send(typed);
    await until(typed);
    send("\t");
    await until(rest);
  };
  await complete("impo", "rt");
  await type(" sys\r", ">>> ");
  await complete("sys.byteor", "der");
  expect(await type("\r")).toContain("\n'little'\n");
  await type("if 1:\r", "... ");
  await complete("", "    ");
  expect(await type("x = 5\r\rx\r", "\n5\n")).toContain("x = 5");
});

test.each([
  ["import sys\rsys.exit(3)\r", 3],
  ["raise SystemExit\r", 0],
  ["raise SystemExit('a message')\r", 1],
  ["exit(4)\r", 4],
  ["\x04", 0],
])("leaves with the status of SystemExit: %j", async (keys, status) => {
  const { send, ended } = await session();
  send(keys);
  expect(await ended).toBe(status);
});

test("in a block, :undo drops what is typed of it; lines are kept for later conversations", async () => {
  const kept = ["x = 40"];
  const { send, until, type, ended } = await session({
    history: { lines: [...kept], add: (line) => void kept.push(line) },
  });
  await type("\x1b[A\r");
  await type("for i in range(2):\r", "\n... ");
  expect(await type(":memory\r", "\n... ")).toMatch(/\d+ bytes of \d+/);
  await type("    x += 1\r", "\n... ");
  await type(":undo\r");
  await type("y = [\r", "\n... ");
  // A slice would be Python's, too: inside of brackets there are no commands.
  await type(":undo\r", "SyntaxError");
  await until("\n>>> ");
  expect(await type("x + 2\r")).toContain("\n42\n");
  send("\x04");
  await ended;
  expect(kept).toEqual(["x = 40", "for i in range(2):", "    x += 1", "y = [", ":undo", "x + 2"]);
});
