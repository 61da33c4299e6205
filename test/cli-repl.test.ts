// `escapement python` in a pseudo-terminal, as a user sees it.
import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { CLI, ROOT } from "./support/built-cli.js";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

/** Starts the command in a terminal; `types` sends keys and waits until what they lead to is shown. */
function terminal(...args: string[]) {
  const child = spawn("python3", [`${ROOT}test/support/in-terminal.py`, process.execPath, CLI, "python", ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  let screen = "";
  let onOutput = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    onOutput();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const shows = (expected: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${expected}: ${JSON.stringify(screen)}`)), 20_000);
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
  };
}

test("a conversation: values, history, a block, an error, Ctrl-D", async () => {
  const { shows, types, send, ended } = terminal();
  await shows(/MicroPython v[\s\S]*>>> $/);
  await types("x = 6\r", />>> $/);
  expect(await types("x * 7\r", /42\s+>>> $/)).toContain("x * 7");
  await types("\x1b[A\x7f8\r", /48\s+>>> $/);
  await types("for i in range(3):\rprint('row', i)\r\r\x7f\r", /row 0\s+row 1\s+row 2\s+>>> $/);
  await types("1/0\r", /ZeroDivisionError[^\n]*\n>>> $/);
  await types(":memory\r", /\d+ bytes of 67108864\s+>>> $/);
  await types("x = 0\r", />>> $/);
  await types(":undo\r", />>> $/);
  await types("x\r", /\b6\s+>>> $/);
  send("\x04");
  expect(await ended).toBe(0);
});

test("Ctrl-C interrupts an endless loop, and what was before it is still there", async () => {
  const { shows, types, send, ended } = terminal("--fuel", "1_000_000_000_000");
  await shows(/>>> $/);
  await types("kept = 'kept'\r", />>> $/);
  send("while True: pass\r\r");
  await shows(/\.\.\. \s+$/);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await types("\x03", /KeyboardInterrupt:\s+>>> $/);
  await types("kept\r", /'kept'\s+>>> $/);
  send("\x04");
  expect(await ended).toBe(0);
});

test("the limits are those of the flags", async () => {
  const { shows, types, send, ended } = terminal("--fuel", "500_000", "--memory", "20MiB");
  await shows(/>>> $/);
  await types("while True: pass\r\r", /out of fuel: the limit of a statement is 500000[^>]*>>> $/);
  await types("len(bytearray(30_000_000))\r", /MemoryError[^\n]*\n>>> $/);
  send("\x04");
  expect(await ended).toBe(0);
});
