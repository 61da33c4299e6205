// `python --profile` by lines: visits are those that CPython counts, and fuel is what bills of programs that differ in a
// line differ by.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { escapement, Files } from "../../test/support/built-cli.js";

const files = new Files();
afterAll(() => files.remove());

interface Speedscope {
  readonly shared: { readonly frames: readonly { name: string; file?: string; line?: number }[] };
  readonly profiles: readonly { name: string; samples: number[][]; weights: number[] }[];
}

/** Each line's own numbers, as `function:line` → number; of frames without a line by the name alone. */
type ByLine = Record<string, number>;

interface Profiled {
  readonly bill: number;
  readonly fuel: ByLine;
  readonly bytes: ByLine;
  readonly visits: ByLine;
}

let count = 0;

/** Profiles a program; frames of other files are those of the library, and left out. */
async function profiled(source: string, flags: readonly string[] = []): Promise<Profiled> {
  const program = files.write(`program-${count++}.py`, source);
  const out = files.path("lines.speedscope.json");
  const { status, stdout, stderr } = await escapement(["python", ...flags, "--json", "--profile", out, program]);
  expect(status, stderr).toBe(0);
  const { shared, profiles } = JSON.parse(readFileSync(out, "utf8")) as Speedscope;
  const byLine = (name: string): ByLine => {
    const { samples, weights } = profiles.find((profile) => profile.name === name)!;
    const sums: ByLine = {};
    samples.forEach((path, i) => {
      const { name: func, file, line } = shared.frames[path.at(-1)!]!;
      if (file !== undefined && file !== program) return;
      const key = line === undefined ? func : `${func}:${line}`;
      sums[key] = (sums[key] ?? 0) + weights[i]!;
    });
    return sums;
  };
  return {
    bill: JSON.parse(stdout).fuel.used,
    ...{ fuel: byLine("Python, fuel"), bytes: byLine("Python, bytes"), visits: byLine("Python, visits") },
  };
}

/** How often CPython comes to each line from another one of the frame, or begins it again. */
function cpythonVisits(source: string): ByLine {
  const tracer = `
import json, sys
counts = {}
def trace(frame, event, arg):
    if frame.f_code.co_filename == "program" and event == "line":
        key = f"{frame.f_code.co_name}:{frame.f_lineno}"
        counts[key] = counts.get(key, 0) + 1
    return trace
code = compile(sys.stdin.read(), "program", "exec")
sys.settrace(trace)
exec(code, {"__name__": "__main__"})
sys.settrace(None)
print(json.dumps(counts))`;
  return JSON.parse(execFileSync("python3", ["-c", tracer], { input: source, encoding: "utf8" }));
}

test("lines of functions, generators, handlers and loops are visited as often as CPython does", async () => {
  // MicroPython does a loop's test at its end, and counts that to the line there: those lines are a `pass` here.
  const source = `def fib(n):
    if n < 2:
        return n
    a = fib(n - 1)
    b = fib(n - 2)
    return a + b

class Cell:
    def __init__(self, v):
        self.v = v
        self.w = v + 1

def walk(items):
    for item in items:
        yield item * 2
        item += 1
        pass

cells = []
for i in range(5):
    cells.append(Cell(i))
    cells.append(fib(i))
    pass
for v in walk([1, 2, 3]):
    try:
        if v == 4:
            raise ValueError(v)
        v += 1
        pass
    except ValueError as e:
        v -= 1
    pass
key = lambda q: -q
sorted([3, 1, 2], key=key)
`;
  const { visits } = await profiled(source);
  const theirs = cpythonVisits(source);
  const lines = source.split("\n");
  // A class's statement, loops' heads and ends, and handlers, whose last line CPython visits again to drop the name. A
  // generator that is resumed comes to its line once more.
  const differs = /^ *(?:class|for|pass|try|except|yield)/;
  const same = (of: ByLine) =>
    Object.fromEntries(Object.entries(of).filter(([at]) => !differs.test(lines[Number(at.split(":")[1]) - 1] ?? "")));
  expect(same(theirs)).toMatchObject({ "fib:2": 1 + 1 + 3 + 5 + 9, "__init__:10": 5, "walk:16": 3, "<lambda>:33": 3 });
  expect(same(visits)).toMatchObject(same(theirs));
  expect([theirs["walk:15"], visits["walk:15"]]).toEqual([3, 2 * 3]);
});

const loop = (rounds: number, line: string) => `def work(n):
    total = 0
    for i in range(n):
        ${line}
        text = str(i)
    return total
work(${rounds})
`;

/** What differs, by line. */
function difference(a: ByLine, b: ByLine): ByLine {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(keys.map((key) => [key, (b[key] ?? 0) - (a[key] ?? 0)]).filter(([, by]) => by !== 0));
}

const sum = (of: ByLine) => Object.values(of).reduce((total, n) => total + n, 0);

test("one round more is the fuel of the loop's lines, to the unit", async () => {
  const [twenty, more] = [await profiled(loop(20, "total += i")), await profiled(loop(21, "total += i"))];
  const by = difference(twenty.fuel, more.fuel);
  expect(Object.keys(by).sort()).toEqual(["work:3", "work:4", "work:5"]);
  expect(sum(by)).toBe(more.bill - twenty.bill);
  expect(difference(twenty.visits, more.visits)).toEqual({ "work:3": 1, "work:4": 1, "work:5": 1 });
});

test("a line that does something else changes its own fuel, and that of compiling", async () => {
  const [one, other] = [await profiled(loop(20, "total += 2")), await profiled(loop(20, "total  = 2"))];
  const by = difference(one.fuel, other.fuel);
  expect(by["work:4"]).not.toBe(0);
  expect(Object.keys(by).filter((at) => at !== "(no line)")).toEqual(["work:4"]);
  expect(sum(by)).toBe(other.bill - one.bill);
});

test("memory is of the line that asks for it: bytes that are asked for more are there", async () => {
  const program = (bytes: number) => `def make(n):
    kept = []
    for i in range(10):
        kept.append(bytearray(n))
    return kept
make(${bytes})
`;
  const [one, other] = [await profiled(program(1000)), await profiled(program(1500))];
  expect(difference(one.bytes, other.bytes)).toEqual({ "make:4": 10 * 500 });
  // A header of four words for each, and the list.
  expect(one.bytes["make:4"]).toBeGreaterThanOrEqual(10 * (1000 + 16));
});

test("an object that grows in place asks for the blocks that it takes", async () => {
  const program = (rounds: number) => `text = bytearray(16)
for i in range(${rounds}):
    text.extend(b"0123456789abcdef0123456789abcdef")
`;
  const [one, other] = [await profiled(program(100)), await profiled(program(200))];
  expect(difference(one.bytes, other.bytes)["<module>:3"]).toBeGreaterThanOrEqual(100 * 32);
});

test("calls of the host are entries of their own, with how often", async () => {
  const functions = files.write(
    "functions.mjs",
    "export const ask = (i) => (typeof i === 'number' ? i * 3 : i.m); export const each = async (f) => [await f(1), await f(2)];",
  );
  const source = `def twice(n):
    return ask(n) + ask(m=n)
for i in range(4):
    ask(i)
twice(5)
each(lambda a: a + 1)
`;
  const { visits, fuel } = await profiled(source, ["--functions", functions]);
  expect(visits).toMatchObject({ "host ask": 4 + 2, "host each": 1, "twice:2": 1, "<lambda>:6": 2 });
  expect(fuel["host ask"]).toBeGreaterThan(0);
  const { fuel: less } = await profiled(source.replace("range(4)", "range(3)"), ["--functions", functions]);
  // A call that is made once less costs its entry as much less as the others did.
  expect(fuel["host ask"]! - less["host ask"]!).toBeGreaterThan(0);
});
