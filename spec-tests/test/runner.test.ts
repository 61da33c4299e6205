import { describe, expect, it } from "vitest";
import type { FailureKind } from "../adapter.js";
import type { ExpectedFailure } from "../expected-failures.js";
import { type CommandResult, Runner } from "../runner.js";
import { fakeAssembler, fakeEngine } from "./fake-engine.js";

interface Options {
  specMessages?: FailureKind[];
  expectedFailures?: ExpectedFailure[];
  tier?: string;
  custom?: boolean;
  checkCustomSections?: boolean;
}

async function runFile(source: string, options: Options = {}) {
  const runner = new Runner(fakeEngine(options), {
    assembler: fakeAssembler,
    expectedFailures: options.expectedFailures ?? [],
    checkCustomSections: () => options.checkCustomSections ?? false,
  });
  return runner.run({ file: "core/fake.wast", source });
}

async function run(source: string, options: Options = {}): Promise<readonly CommandResult[]> {
  const result = await runFile(source, options);
  expect(result.error).toBeUndefined();
  return result.commands;
}

/** Outcome of the last command; the module before it gives it something to act on. */
async function last(command: string, options: Options = {}): Promise<CommandResult> {
  return (await run(`(module)\n${command}`, options)).at(-1)!;
}

const malformedBinary = (text: string) => `(assert_malformed (module binary "${text}") "message of malformed")`;

describe("passes", () => {
  it.each([
    '(assert_return (invoke "one") (i32.const 1))',
    '(assert_return (invoke "two") (i32.const 1) (i32.const 2))',
    '(assert_return (invoke "nothing"))',
    '(assert_return (get "one") (i32.const 1))',
    '(assert_return (invoke "echo" (f32.const nan:0x200000)) (f32.const nan:0x200000))',
    '(assert_return (invoke "nan") (f32.const nan:canonical))',
    '(assert_return (invoke "echo" (ref.extern 1)) (ref.extern 1))',
    '(assert_trap (invoke "trap") "out of bounds")',
    '(assert_exhaustion (invoke "exhaustion") "call stack exhausted")',
    '(assert_exception (invoke "exception"))',
    '(assert_invalid (module compile:invalid) "x")',
    '(assert_invalid (module compile:refused) "x")',
    malformedBinary("compile:malformed"),
    malformedBinary("compile:refused"),
    '(assert_malformed (module quote "BAD") "x")',
    '(assert_unlinkable (module instantiate:link) "x")',
    '(assert_unlinkable (module import:nobody.f) "x")',
    '(assert_trap (module instantiate:trap) "x")',
    '(assert_malformed_custom (module quote "BAD") "x")',
    '(invoke "one")',
    "(module import:spectest.one)",
  ])("%s", async (command) => expect(await last(command)).toMatchObject({ outcome: "passed" }));
});

describe("fails", () => {
  it.each([
    // assert_return
    ['(assert_return (invoke "one") (i32.const 2))', "expected (i32.const 2), found (i32 1 = 0x00000001)"],
    ['(assert_return (invoke "one") (i64.const 1))', "expected (i64.const 1), found (i32 1"],
    ['(assert_return (invoke "one"))', "expected no result, found (i32 1"],
    ['(assert_return (invoke "nothing") (i32.const 1))', "found no result"],
    ['(assert_return (invoke "two") (i32.const 1))', "found (i32 1 = 0x00000001) (i32 2"],
    ['(assert_return (invoke "two") (i32.const 2) (i32.const 1))', "expected (i32.const 2) (i32.const 1)"],
    ['(assert_return (invoke "signalling-nan") (f32.const nan:arithmetic))', "found (f32 NaN = 0x7fa00000)"],
    ['(assert_return (invoke "echo" (f32.const -0)) (f32.const 0))', "0x80000000"],
    ['(assert_return (invoke "trap"))', 'unexpected trap "out of bounds memory access"'],
    ['(assert_return (invoke "crash"))', 'unexpected other "assertion failed in the engine"'],
    ['(assert_return (invoke "missing"))', 'there is no export "missing"'],
    ['(assert_return (get "missing") (i32.const 1))', 'there is no export "missing"'],
    ['(assert_return (invoke $nobody "one") (i32.const 1))', "there is no instance $nobody"],
    // assert_trap and its kin
    ['(assert_trap (invoke "one") "x")', 'expected trap "x", but it returned (i32 1'],
    ['(assert_trap (invoke "exhaustion") "x")', 'expected trap "x", found exhaustion'],
    ['(assert_trap (invoke "exception") "x")', 'expected trap "x", found exception'],
    ['(assert_trap (invoke "crash") "x")', 'expected trap "x", found other'],
    ['(assert_trap (invoke "missing") "x")', "there is no export"],
    ['(assert_exhaustion (invoke "trap") "x")', 'expected exhaustion "x", found trap'],
    ['(assert_exhaustion (invoke "nothing") "x")', "but it returned no result"],
    ['(assert_exception (invoke "trap"))', "expected exception, found trap"],
    ['(assert_exception (invoke "one"))', "expected exception, but it returned"],
    // assert_invalid, assert_malformed
    ['(assert_invalid (module) "x")', 'expected invalid "x", but it did not fail'],
    ['(assert_invalid (module compile:malformed) "x")', 'expected invalid "x", found malformed'],
    ['(assert_invalid (module BAD) "x")', "the assembler refused the text: the text is bad"],
    ['(assert_invalid (module instantiate:invalid) "x")', "but it did not fail"],
    [malformedBinary("fine"), 'expected malformed "message of malformed", but it did not fail'],
    [malformedBinary("compile:invalid"), "found invalid"],
    [malformedBinary("compile:other"), "found other"],
    ['(assert_malformed (module quote "compile:malformed") "x")', 'expected malformed text "x", but it assembles'],
    // assert_unlinkable, assert_trap of a module
    ['(assert_unlinkable (module) "x")', 'expected link "x", but it did not fail'],
    ['(assert_unlinkable (module instantiate:trap) "x")', "found trap"],
    ['(assert_unlinkable (module compile:invalid) "x")', "unexpected invalid"],
    ['(assert_trap (module) "x")', 'expected trap "x", but it did not fail'],
    ['(assert_trap (module instantiate:link) "x")', "found link"],
    // custom sections
    ['(assert_malformed_custom (module quote "custom:malformed") "x")', "the engine does not check custom sections"],
    ['(assert_invalid_custom (module custom:invalid) "x")', "the engine does not check custom sections"],
    // commands that are no assertions
    ["(module compile:invalid)", "unexpected invalid"],
    ["(module BAD)", "the assembler refused the text"],
    ["(module instantiate:trap)", "unexpected trap"],
    ["(module import:nobody.f)", "unexpected link"],
    ["(module import:spectest.nonsense)", "unexpected link"],
    ['(invoke "trap")', "unexpected trap"],
    ["(module instance $nobody)", "there is no module $nobody"],
    ['(register "m" $nobody)', "there is no instance $nobody"],
  ])("%s", async (command, message) => {
    const result = await last(command);
    expect(result.outcome).toBe("failed");
    expect(result.message).toContain(message);
  });

  it("says of commands whether they are assertions", async () => {
    const results = await run('(module BAD) (assert_return (invoke "one"))');
    expect(results.map(({ isAssertion }) => isAssertion)).toEqual([false, true]);
  });
});

describe("messages", () => {
  const trap = (message: string) => `(assert_trap (invoke "trap") "${message}")`;

  it("are compared by prefix where the engine speaks the suite's words", async () => {
    const specMessages: FailureKind[] = ["trap"];
    expect(await last(trap("out of bounds memory"), { specMessages })).toMatchObject({ outcome: "passed" });
    expect(await last(trap("out of bounds memory access, too"), { specMessages })).toMatchObject({ outcome: "failed" });
    expect(await last(trap("memory access"), { specMessages })).toMatchObject({ outcome: "failed" });
  });

  it("are not compared for other kinds", async () => {
    expect(await last(trap("in other words"), { specMessages: ["link"] })).toMatchObject({ outcome: "passed" });
  });
});

describe("custom sections", () => {
  it("are the engine's to judge where it can", async () => {
    const invalid = '(assert_invalid_custom (module custom:invalid) "message of")';
    expect(await last(invalid, { custom: true })).toMatchObject({ outcome: "passed" });
    const malformed = '(assert_malformed_custom (module binary "custom:malformed") "message of")';
    expect(await last(malformed, { custom: true })).toMatchObject({ outcome: "passed" });
    expect(await last(malformed.replace("custom:malformed", ""), { custom: true })).toMatchObject({
      outcome: "failed",
    });
    expect(await last(invalid.replace("custom:", "compile:"), { custom: true })).toMatchObject({ outcome: "failed" });
    expect(await last(invalid.replace("invalid)", "malformed)"), { custom: true })).toMatchObject({
      outcome: "failed",
    });
  });

  it("of valid modules are checked where that is asked for", async () => {
    const options = { custom: true, checkCustomSections: true };
    expect(await last("(module custom:malformed)", options)).toMatchObject({ outcome: "failed" });
    expect(await last("(module custom:malformed)", { custom: true })).toMatchObject({ outcome: "passed" });
  });
});

describe("a module that fails", () => {
  it("makes what needs it fail, instead of an older instance answering", async () => {
    const results = await run(
      `(module $a) (module $a compile:invalid)
       (assert_return (invoke "one") (i32.const 1))
       (assert_trap (invoke $a "trap") "x")
       (register "a" $a)
       (module import:a.one)
       (module)
       (assert_return (invoke "one") (i32.const 1))`,
    );
    expect(results.map(({ outcome }) => outcome)).toEqual([
      "passed",
      "failed",
      "failed",
      "failed",
      "passed",
      "failed",
      "passed",
      "passed",
    ]);
    expect(results[2]!.message).toBe("needs what the command at line 1 failed to make");
    expect(results[5]!.message).toBe("imports what the command at line 1 failed to make");
  });

  it("does not count as a link error of those that import it", async () => {
    const results = await run('(module $a BAD) (register "a" $a) (assert_unlinkable (module import:a.one) "x")');
    expect(results[2]).toMatchObject({ outcome: "failed" });
  });

  it("in an assertion leaves the current instance as it is", async () => {
    const results = await run(
      '(module) (assert_trap (module instantiate:trap) "x") (assert_return (invoke "one") (i32.const 1))',
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(["passed", "passed", "passed"]);
  });
});

describe("definitions and instances", () => {
  it("are apart", async () => {
    const results = await run(
      `(module definition $M)
       (assert_return (invoke "one") (i32.const 1))
       (module instance $I $M)
       (assert_return (invoke $I "one") (i32.const 1))
       (module instance)
       (assert_unlinkable (module instance $M) "x")`,
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(["passed", "failed", "passed", "passed", "passed", "failed"]);
  });

  it("a registered name may hide spectest", async () => {
    const results = await run('(module $a) (register "spectest" $a) (module import:spectest.trap)');
    expect(results.map(({ outcome }) => outcome)).toEqual(["passed", "passed", "passed"]);
  });
});

describe("expected failures", () => {
  const source = '(module)\n(assert_return (invoke "one") (i32.const 2))\n(assert_return (invoke "one") (i32.const 1))';
  const row = (line: number, more: Partial<ExpectedFailure> = {}): ExpectedFailure => ({
    engine: "fake",
    file: "core/fake.wast",
    line,
    reason: "known",
    ...more,
  });
  const outcomes = async (rows: ExpectedFailure[], options: Options = {}) =>
    (await run(source, { ...options, expectedFailures: rows })).map(({ outcome }) => outcome);

  it("are not failures", async () => {
    expect(await outcomes([row(2)])).toEqual(["passed", "expected-failure", "passed"]);
  });

  it("that pass are", async () => {
    expect(await outcomes([row(2), row(3)])).toEqual(["passed", "expected-failure", "unexpected-pass"]);
    expect(await outcomes([row(1)])).toEqual(["unexpected-pass", "failed", "passed"]);
  });

  it("hold for their engine, tier and file alone", async () => {
    expect(await outcomes([row(2, { engine: "other" })])).toEqual(["passed", "failed", "passed"]);
    expect(await outcomes([row(2, { file: "core/other.wast" })])).toEqual(["passed", "failed", "passed"]);
    expect(await outcomes([row(2, { tier: "compiler" })], { tier: "interpreter" })).toEqual([
      "passed",
      "failed",
      "passed",
    ]);
    expect(await outcomes([row(2, { tier: "interpreter" })], { tier: "interpreter" })).toEqual([
      "passed",
      "expected-failure",
      "passed",
    ]);
  });

  it("that name no command are stale", async () => {
    const result = await runFile(source, { expectedFailures: [row(2), row(40), row(50, { file: "core/other.wast" })] });
    expect(result.staleRows).toEqual([row(40)]);
  });
});

describe("a script", () => {
  it("that cannot be read fails as a whole", async () => {
    const result = await runFile("(module) (nonsense)");
    expect(result.error).toContain("unknown command nonsense");
    expect(result.commands).toEqual([]);
  });

  it("starts with a fresh engine state", async () => {
    const engine = fakeEngine();
    const runner = new Runner(engine, { assembler: fakeAssembler, expectedFailures: [] });
    await runner.run({ file: "a", source: '(module $a) (register "a" $a)' });
    const second = await runner.run({ file: "b", source: '(invoke "one") (module import:a.one)' });
    expect(engine.resets).toBe(2);
    expect(second.commands.map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
  });
});

describe("text that the assembler accepts", () => {
  it("is refused by the harness's own checks, and the result says so", async () => {
    const result = await last('(assert_malformed (module quote "(start $a) (start $b)") "multiple start sections")');
    expect(result).toMatchObject({ outcome: "passed", harnessCheck: "multiple start sections" });
  });
});
