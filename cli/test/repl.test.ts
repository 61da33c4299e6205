// `escapement python` in a pseudo-terminal, as a user sees it.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, expect, test } from "vitest";
import { CLI, Files, ROOT } from "../../test/support/built-cli.js";
import { forms } from "../../test/support/form.js";

const files = new Files();
afterAll(() => files.remove());
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

interface Ended {
  readonly status: number | null;
  /** Whether the terminal's modes are what they were before. */
  readonly terminal: string;
}

/** Flags of Node's under which SIGUSR2 is an exception that nobody catches: what a bug of ours would be. */
const CRASHES_ON_SIGNAL = [
  "--import",
  "data:text/javascript,process.on('SIGUSR2', () => { throw new Error('crash'); })",
];

/** Where the terminals of the test that is run keep their lines; nowhere, unless it says so. */
let history = "";
afterEach(() => {
  history = "";
});

/** Starts the command in a terminal; `types` sends keys and waits until what they lead to is shown. */
function terminal(...args: string[]) {
  const command = [process.execPath, ...CRASHES_ON_SIGNAL, CLI, "python", ...args];
  const env = { ...process.env, ESCAPEMENT_HISTORY: history };
  const child = spawn("python3", [`${ROOT}test/support/in-terminal.py`, ...command], { env });
  children.push(child);
  let screen = "";
  let report = "";
  let onOutput = () => {};
  child.stdin.on("error", () => {});
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    onOutput();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    report += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (status) => resolve({ status, terminal: report.split("\n")[1]! })),
  );
  const shows = (expected: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${expected}: ${JSON.stringify(screen)}`)), 50_000);
      onOutput = () => {
        if (!expected.test(screen)) return;
        clearTimeout(late);
        resolve(screen);
        screen = "";
        onOutput = () => {};
      };
      onOutput();
      void ended.then(() => reject(new Error(`it ended without showing ${expected}: ${JSON.stringify(screen)}`)));
    });
  return {
    ended,
    shows,
    types(keys: string, expected: RegExp) {
      child.stdin.write(keys);
      return shows(expected);
    },
    send: (keys: string) => child.stdin.write(keys),
    hangUp: () => child.stdin.end(),
    signal: (signal: NodeJS.Signals) => process.kill(Number(report.split("\n")[0]), signal),
  };
}

const LEFT_WELL = { status: 0, terminal: "as it was" };

test("lines of one conversation are recalled in the next", async () => {
  history = files.path("state/history");
  const first = terminal();
  await first.shows(/>>> $/);
  await first.types("print('é', 1 + 1)\r", /é 2\s+>>> $/);
  first.send("\x04");
  expect(await first.ended).toEqual(LEFT_WELL);
  const second = terminal();
  await second.shows(/>>> $/);
  await second.types("\x1b[A\r", /é 2\s+>>> $/);
  second.send("\x04");
  expect(await second.ended).toEqual(LEFT_WELL);
  expect(readFileSync(history, "utf8")).toBe("print('\\u00e9', 1 + 1)\n");
});

test("a conversation: values, history, a block, an error, paste mode, input(), commands, Ctrl-D", async () => {
  const { shows, types, send, ended } = terminal();
  await shows(/MicroPython v[\s\S]*"help\(\)" for more information, ":help" for commands[\s\S]*>>> $/);
  await types("x = 6\r", />>> $/);
  expect(await types("x * 7\r", /42\s+>>> $/)).toContain("x * 7");
  await types("\x1b[A\x7f8\r", /48\s+>>> $/);
  await types("for i in range(3):\rprint('row', i)\r\r", /row 0\s+row 1\s+row 2\s+>>> $/);
  await types("1/0\r", /ZeroDivisionError[^\n]*\n>>> $/);
  await types(":memory\r", /\d+ bytes of 67108864\s+>>> $/);
  await types("x = 0\r", />>> $/);
  await types(":undo\r", />>> $/);
  await types("x\r", /\b6\s+>>> $/);
  // Paste mode, the line that is dropped, input(), and commands after keys that edit.
  await types("\x05", /paste mode[^\n]*\n=== $/);
  await types("def f(n):\r    return [n]\r\r", /=== \s+=== $/);
  await types("\x04", />>> $/);
  await types("f(3)\r", /\[3\]\s+>>> $/);
  await types("\x05 1/0 \x03", /=== {2}1\/0 \s+>>> $/);
  await types("not this\x03", /not this\s+>>> $/);
  await types("if 1:\rdropped\x03", /dropped\s+>>> $/);
  await types("input('name? ')\r", /name\? $/);
  await types("Ada\r", /'Ada'\s+>>> $/);
  await types("\x1b[A\x1b[B\x1b[C\x1b[D:fuel 7_000_000\r", /limit of each 7000000 \(escapement-2\)\s+>>> $/);
  await types(":help\r", /:load FILE[\s\S]*Ctrl-E is paste mode\.\s+>>> $/);
  await types(":nothing\r", /no such command: :nothing[\s\S]*>>> $/);
  send("\x04");
  expect(await ended).toEqual(LEFT_WELL);
});

test("Ctrl-C interrupts an endless loop, and what was before it is still there", async () => {
  const { shows, types, send, ended } = terminal("--fuel", "1_000_000_000_000");
  await shows(/>>> $/);
  await types("kept = 'kept'\r", />>> $/);
  send("while not print('go' 'ing'):\r    while True: pass\r\r");
  await shows(/going\s/);
  await types("\x03", /KeyboardInterrupt:\s+>>> $/);
  await types("kept\r", /'kept'\s+>>> $/);
  send("\x04");
  expect(await ended).toEqual(LEFT_WELL);
});

test("the limits are those of the flags; leaving by sys.exit gives its status", async () => {
  const { shows, types, send, ended } = terminal("--fuel", "1_000_000", "--memory", "20MiB");
  await shows(/>>> $/);
  await types("while True: pass\r\r", /out of fuel: the limit of a statement is 1000000[^>]*>>> $/);
  await types("len(bytearray(30_000_000))\r", /MemoryError[^\n]*\n>>> $/);
  await types("import sys\r", />>> $/);
  send("sys.exit(3)\r");
  expect(await ended).toEqual({ status: 3, terminal: "as it was" });
});

/** How the command ends by them. */
const SIGNALS: readonly (readonly [NodeJS.Signals, number])[] = [
  ["SIGTERM", 143],
  ["SIGUSR2", 1],
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGQUIT", 131],
];

test.each(SIGNALS.slice(0, forms(2, 5)))("the terminal is as it was after %s", async (signal, status) => {
  const { shows, send, signal: signals, ended } = terminal("--fuel", "1_000_000_000_000");
  await shows(/>>> $/);
  send("while True: pass\r\r");
  await shows(/\.\.\. \s+$/);
  signals(signal);
  expect(await ended).toEqual({ status, terminal: "as it was" });
});

test("a terminal that goes away ends the command", async () => {
  const { shows, hangUp, ended } = terminal();
  await shows(/>>> $/);
  hangUp();
  expect((await ended).status).not.toBe(70);
});

test("a limit under which Python does not start is told, and the terminal is as it was", async () => {
  const { shows, ended } = terminal("--memory", "1MiB");
  await shows(/stopped before the first prompt: [^\n]*; raise it with --memory/);
  expect(await ended).toEqual({ status: 3, terminal: "as it was" });
});

test("sessions go to files and come back from them; bad names are answered with a line", async () => {
  const { shows, types, send, ended } = terminal();
  await shows(/>>> $/);
  const file = files.path("session.bin");
  const source = files.write("program.py", "print('not a snapshot')");
  await types("x = 1\r", />>> $/);
  await types(`:save ${file}\r`, /\n\d+ bytes\s+>>> $/);
  await types("x = 2\r", />>> $/);
  // Over a snapshot, but over nothing else.
  await types(`:save ${file}\r`, /\n\d+ bytes\s+>>> $/);
  await types(`:save ${source}\r`, /exists and is not a snapshot[^>]*>>> $/);
  expect(readFileSync(source, "utf8")).toBe("print('not a snapshot')");
  await types(`:save ${files.path("none/session.bin")}\r`, /cannot write[^>]*>>> $/);
  await types(`:load ${files.path("none.bin")}\r`, /cannot read [^>]*no such file\s+>>> $/);
  await types(":load /dev/zero\r", /it is not a file\s+>>> $/);
  await types(`:load ${source}\r`, /the bytes are not a snapshot\s+>>> $/);
  await types(`:load ${files.write("empty", "")}\r`, /the bytes are not a snapshot\s+>>> $/);
  const whole = readFileSync(file);
  await types(`:load ${files.write("cut", whole.subarray(0, -1))}\r`, /\d+ bytes and should have \d+\s+>>> $/);
  await types("x = 3\r", />>> $/);
  await types(`:load ${file}\r`, />>> $/);
  await types("x + 10\r", /\s12\s+>>> $/);
  await types(":undo\r", />>> $/);
  await types(":undo\r", />>> $/);
  await types("x + 10\r", /\s13\s+>>> $/);
  send("\x04");
  expect(await ended).toEqual(LEFT_WELL);
});
