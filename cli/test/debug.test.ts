// `debug` from outside: a client of the Debug Adapter Protocol over a pipe.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import binaryen from "binaryen";
import { afterAll, describe, expect, test } from "vitest";
import { CLI, Files, ROOT } from "../../test/support/built-cli.js";
import { timelineOf } from "../debug.js";

const files = new Files();
afterAll(() => files.remove());

const module = files.module(
  "sums.wasm",
  `(module (memory (export "memory") 1)
    (func $note (param $at i32) (param $x i32) (i32.store (local.get $at) (local.get $x)))
    (func $sum (param $n i32) (result i32) (local $i i32) (local $s i32)
      (loop $l
        (local.set $s (i32.add (local.get $s) (local.get $i)))
        (if (i32.eq (local.get $i) (i32.const 5)) (then (call $note (i32.const 64) (local.get $s))))
        (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (local.get $s))
    (func (export "main") (param $n i32) (result i32) (call $sum (local.get $n))))`,
);

interface Message {
  readonly type: string;
  readonly command?: string;
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what each request has
  readonly body?: any;
}

class Client {
  private readonly child: ChildProcessWithoutNullStreams;
  private buffer = Buffer.alloc(0);
  private seq = 1;
  private readonly waiting: { wants: (message: Message) => boolean; give: (message: Message) => void }[] = [];
  private readonly unread: Message[] = [];
  readonly closed: Promise<number | null>;

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [CLI, "debug", ...args], { cwd: ROOT });
    this.child.stdout.on("data", (bytes: Buffer) => this.take(bytes));
    this.closed = new Promise((resolve) => this.child.on("close", resolve));
  }

  private take(bytes: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, bytes]);
    for (;;) {
      const head = this.buffer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.buffer.subarray(0, head).toString())![1]);
      if (this.buffer.length < head + 4 + length) return;
      const message = JSON.parse(this.buffer.subarray(head + 4, head + 4 + length).toString()) as Message;
      this.buffer = this.buffer.subarray(head + 4 + length);
      const at = this.waiting.findIndex(({ wants }) => wants(message));
      if (at < 0) this.unread.push(message);
      else this.waiting.splice(at, 1)[0]!.give(message);
    }
  }

  private next(wants: (message: Message) => boolean): Promise<Message> {
    const at = this.unread.findIndex(wants);
    if (at >= 0) return Promise.resolve(this.unread.splice(at, 1)[0]!);
    return new Promise((give) => this.waiting.push({ wants, give }));
  }

  ask(command: string, args: object = {}): Promise<Message> {
    const seq = this.seq++;
    const text = JSON.stringify({ seq, type: "request", command, arguments: args });
    this.child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return this.next(({ type, request_seq }) => type === "response" && request_seq === seq);
  }

  event(name: string): Promise<Message> {
    return this.next(({ type, event }) => type === "event" && event === name);
  }

  async stopped(): Promise<{ reason: string; text: string }> {
    return (await this.event("stopped")).body;
  }

  /** Moves, and waits until it has stopped. */
  async move(command: string, args: object = {}) {
    expect((await this.ask(command, { threadId: 1, ...args })).success).toBe(true);
    return this.stopped();
  }

  async begin(): Promise<void> {
    await this.ask("initialize", { adapterID: "escapement", linesStartAt1: true });
    const launched = await this.ask("launch", {});
    expect(launched.success, launched.message).toBe(true);
    await this.event("initialized");
    await this.ask("configurationDone");
    expect(await this.stopped()).toMatchObject({ reason: "entry" });
  }

  async fuel(): Promise<number> {
    return Number((await this.ask("evaluate", { expression: "fuel" })).body.result);
  }

  async stack(): Promise<{ name: string; line: number; instructionPointerReference: string; id: number }[]> {
    return (await this.ask("stackTrace", { threadId: 1 })).body.stackFrames;
  }

  async locals(): Promise<string[]> {
    const { scopes } = (await this.ask("scopes", { frameId: 0 })).body;
    const { variables } = (await this.ask("variables", { variablesReference: scopes[0].variablesReference })).body;
    return variables.map(({ type, value }: { type: string; value: string }) => `${type} ${value}`);
  }

  async end(): Promise<number | null> {
    await this.ask("disconnect");
    return this.closed;
  }
}

describe("debug", () => {
  test("steps, breakpoints and searches of a module, forwards and backwards", async () => {
    const client = new Client([module, "--invoke", "main", "9"]);
    await client.begin();
    const entry = await client.stack();
    expect(entry.map(({ name }) => name)).toEqual(["main"]);

    // A breakpoint on a function, and what is there.
    const set = await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "note" }, { name: "nobody" }] });
    expect(set.body.breakpoints.map(({ verified }: { verified: boolean }) => verified)).toEqual([true, false]);
    expect(await client.move("continue")).toMatchObject({ reason: "instruction breakpoint" });
    expect((await client.stack()).map(({ name }) => name)).toEqual(["note", "sum", "main"]);
    expect(await client.locals()).toEqual(["i32 64", "i32 15"]);
    const inNote = await client.fuel();

    // Over the store, by the data breakpoint's fuel, and back before it.
    const info = await client.ask("dataBreakpointInfo", { name: "64", bytes: 4 });
    await client.ask("setDataBreakpoints", { breakpoints: [{ dataId: info.body.dataId }] });
    expect(await client.move("continue")).toMatchObject({ reason: "data breakpoint" });
    const before = await client.fuel();
    const read = async () => {
      const { data } = (await client.ask("readMemory", { memoryReference: "memory:0", offset: 64, count: 4 })).body;
      return [...Buffer.from(data, "base64")];
    };
    expect(await read()).toEqual([0, 0, 0, 0]);
    await client.move("stepIn");
    expect(await read()).toEqual([15, 0, 0, 0]);
    await client.move("stepBack");
    expect(await read()).toEqual([0, 0, 0, 0]);
    expect(await client.fuel()).toBe(before);

    // Out of the function, and reverse continue into it again.
    expect(await client.move("stepOut")).toMatchObject({ reason: "step" });
    expect((await client.stack()).map(({ name }) => name)).toEqual(["sum", "main"]);
    await client.ask("setDataBreakpoints", { breakpoints: [] });
    expect(await client.move("reverseContinue")).toMatchObject({ reason: "instruction breakpoint" });
    expect(await client.fuel()).toBe(inNote);

    // To the end; when was this byte last written?
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    expect((await client.move("continue")).text).toBe("ended: 36");
    const answer = await client.ask("evaluate", { expression: "lastwrite 64 4" });
    expect(answer.body.result).toBe(`at ${before} fuel`);
    expect((await client.ask("evaluate", { expression: "lastwrite 100" })).body.result).toBe("never");

    // Back to a fuel, and a breakpoint on one.
    expect((await client.ask("evaluate", { expression: `goto ${inNote}` })).success).toBe(true);
    await client.stopped();
    expect((await client.stack())[0]!.name).toBe("note");
    await client.ask("evaluate", { expression: `break ${inNote + 20}` });
    expect(await client.move("continue")).toMatchObject({ reason: "breakpoint" });
    expect(await client.fuel()).toBeLessThanOrEqual(inNote + 20);
    expect(await client.fuel()).toBeGreaterThan(inNote + 15);
    expect(await client.end()).toBe(0);
  });

  test("over calls, lines and instructions of the text; disassembly has as many rows as were asked for", async () => {
    const client = new Client([module, "--invoke", "main", "7"]);
    await client.begin();
    const [main] = await client.stack();
    const text = (await client.ask("source", { source: { sourceReference: 2 }, sourceReference: 2 })).body.content;
    const lines: string[] = text.split("\n");
    expect(lines[main!.line - 1]).toContain("local.get");

    const { instructions } = (
      await client.ask("disassemble", {
        memoryReference: main!.instructionPointerReference,
        instructionOffset: -3,
        instructionCount: 40,
      })
    ).body;
    expect(instructions).toHaveLength(40);
    expect(instructions[3].address).toBe(main!.instructionPointerReference);
    expect(instructions[4].instruction).toMatch(/^call /);

    // Over the call of sum: what it calls is not stepped through.
    await client.move("next");
    await client.move("next");
    expect((await client.stack()).length).toBeLessThanOrEqual(1);

    await client.ask("evaluate", { expression: "goto 0" });
    await client.stopped();
    const call = lines.findIndex((line) => /call/.test(line));
    expect(call).toBeGreaterThan(0);
    const placed = await client.ask("setBreakpoints", {
      source: { sourceReference: 2 },
      breakpoints: [{ line: call + 1 }],
    });
    expect(placed.body.breakpoints).toMatchObject([{ verified: true, line: call + 1 }]);
    expect(await client.move("continue")).toMatchObject({ reason: "instruction breakpoint" });
    expect((await client.stack())[0]!.line).toBe(call + 1);
    await client.move("stepIn");
    expect((await client.stack())[0]!.name).toBe("sum");
    await client.end();
  });

  test("stops at calls of host functions, by their names or at all, forwards and backwards", async () => {
    const calling = files.module(
      "calling.wasm",
      `(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start") (local $i i32)
          (loop $l
            (drop (call $yield))
            (drop (call $random (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))))`,
      // With all features, imports of one module come in a form that is a proposal.
      binaryen.Features.MVP,
    );
    const client = new Client([calling]);
    await client.begin();
    /** What comes next is the call of a function: the instruction's text. */
    const next = async () => {
      const [frame] = await client.stack();
      const { instructions } = (
        await client.ask("disassemble", { memoryReference: frame!.instructionPointerReference, instructionCount: 1 })
      ).body;
      return instructions[0].instruction as string;
    };
    const set = await client.ask("setFunctionBreakpoints", {
      breakpoints: [{ name: "random_get" }, { name: "env.random_get" }],
    });
    expect(set.body.breakpoints.map(({ verified }: { verified: boolean }) => verified)).toEqual([true, false]);
    const fuels: number[] = [];
    for (let round = 0; round < 3; round++) {
      expect(await client.move("continue")).toMatchObject({ reason: "function breakpoint" });
      expect(await next()).toMatch(/^call \$random/);
      fuels.push(await client.fuel());
    }
    expect((await client.move("continue")).text).toMatch(/^ended/);
    for (const fuel of fuels.reverse()) {
      expect(await client.move("reverseContinue")).toMatchObject({ reason: "function breakpoint" });
      expect(await client.fuel()).toBe(fuel);
    }
    // The other one by its whole name; the filter has both.
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "wasi_snapshot_preview1.sched_yield" }] });
    await client.move("continue");
    expect(await next()).toMatch(/^call \$yield/);
    await client.ask("setExceptionBreakpoints", { filters: ["host calls"] });
    await client.move("continue");
    expect(await next()).toMatch(/^call \$random/);
    expect(await client.end()).toBe(0);
  });

  test("refuses what it does not do, and says what is wrong", async () => {
    const client = new Client([module, "--invoke", "main", "7"]);
    await client.begin();
    for (const command of ["restart", "goto", "setVariable", "writeMemory", "modules", "noSuchThing"])
      expect(await client.ask(command)).toMatchObject({ success: false, command });
    expect(await client.ask("readMemory", { memoryReference: "memory:3", count: 4 })).toMatchObject({ success: false });
    expect(await client.ask("evaluate", { expression: "what" })).toMatchObject({ success: false });
    await client.end();
    const failing = new Client([files.path("none.wasm")]);
    await failing.ask("initialize", { adapterID: "escapement" });
    expect(await failing.ask("launch")).toMatchObject({
      success: false,
      message: expect.stringContaining("none.wasm"),
    });
    await failing.end();
  });
});

const program = files.write(
  "program.py",
  `total = 0
def add(n):
    global total
    for k in range(2):
        total += n
    return total
for i in range(4):
    add(i)
print(total)
`,
);

test("debug of a Python program: lines, calls and globals, forwards and backwards", async () => {
  const client = new Client([program]);
  await client.begin();
  await client.ask("setBreakpoints", { source: { path: program }, breakpoints: [{ line: 5 }] });
  const total = async () => (await client.ask("evaluate", { expression: "total" })).body.result;
  expect(await client.move("continue")).toMatchObject({ reason: "breakpoint" });
  expect((await client.stack()).map(({ name, line }) => `${name}:${line}`)).toEqual(["add:5", "<module>:8"]);
  await client.ask("setBreakpoints", { source: { path: program }, breakpoints: [] });
  // Out of the function, on, and back into it.
  expect(await client.move("stepOut")).toMatchObject({ reason: "step" });
  expect((await client.stack()).map(({ name }) => name)).toEqual(["<module>"]);
  const fuel = await client.fuel();
  expect(await client.move("stepBack")).toMatchObject({ reason: "step" });
  expect((await client.stack())[0]!.name).toBe("add");
  expect(await client.fuel()).toBeLessThan(fuel);
  // To the end, where the program has printed once, and back to a breakpoint from there.
  expect((await client.move("continue")).text).toBe("ended");
  expect((await client.event("output")).body.output).toBe("12\n");
  await client.ask("setBreakpoints", { source: { path: program }, breakpoints: [{ line: 5 }] });
  expect(await client.move("reverseContinue")).toMatchObject({ reason: "breakpoint" });
  expect((await client.stack())[0]).toMatchObject({ name: "add", line: 5 });
  // The last call of add has n == 3: 6 before it, then 9, then 12.
  expect(["6", "9", "12"]).toContain(await total());
  const { variables } = (await client.ask("variables", { variablesReference: 1 })).body;
  expect(variables.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(["total", "i", "add"]));
  expect(variables.find(({ name }: { name: string }) => name === "i").value).toBe("3");
  expect(await client.ask("evaluate", { expression: "1 / 0" })).toMatchObject({ success: false });
  expect(await client.ask("disassemble")).toMatchObject({ success: false });
  expect(await client.end()).toBe(0);
});

test("every place of a run is reached from every other: the same states, forwards and backwards", async () => {
  const run = {
    file: module,
    args: ["6"],
    invoke: "main",
    fuel: 1e6,
    schedule: "escapement-2",
    seed: 0,
    limits: {},
  } as const;
  const timeline = timelineOf(run);
  const states: string[] = [];
  const fuels: number[] = [];
  await timeline.goTo(0);
  while (timeline.end === null) {
    states.push(timeline.run.stateHash());
    fuels.push(timeline.fuel);
    await timeline.stepForward();
  }
  expect(states.length).toBeGreaterThan(50);
  await timeline.goTo(fuels.at(-1)!);
  for (let i = states.length - 1; i >= 0; i--) {
    expect(timeline.run.stateHash(), `at ${fuels[i]}`).toBe(states[i]);
    await timeline.stepBack();
  }
});
