import { expect, test } from "vitest";
import { agentReport, readableReport } from "../agents/agent-report.js";
import type { SandboxResult } from "../session/sandbox-types.js";

const OK: SandboxResult = {
  status: "ok",
  stdout: "",
  stderr: "",
  stdoutTruncated: false,
  stderrTruncated: false,
  value: undefined,
  error: null,
  fuel: { schedule: "escapement-2", limit: 100, used: 40, left: 60 },
  memory: { bytes: 65536, peakBytes: 65536, limitBytes: 131072 },
  hostCalls: 2,
  elapsedMs: 1.23456,
  rewound: false,
};
const failed = (message: string, traceback: string): SandboxResult => ({
  ...OK,
  status: "error",
  error: { kind: "exception", type: "ValueError", message, traceback },
});

test("data has the names that JSON prefers, and text what a person reads", () => {
  const result: SandboxResult = { ...OK, stdout: "out\n", stderr: "err\n", value: [1, 2n ** 64n] };
  expect(agentReport(result)).toEqual({
    status: "ok",
    stdout: "out\n",
    stderr: "err\n",
    stdout_truncated: false,
    stderr_truncated: false,
    value: [1, { $int: "18446744073709551616" }],
    value_repr: '[1,{"$int":"18446744073709551616"}]',
    error: null,
    fuel: { schedule: "escapement-2", used: 40, left: 60, limit: 100 },
    memory: { bytes: 65536, limit_bytes: 131072 },
    host_calls: 2,
    elapsed_ms: 1.235,
    advice: null,
  });
  expect(readableReport(result, "sandbox-1")).toBe(
    'out\n=> [1,{"$int":"18446744073709551616"}]\nstderr:\nerr\n[sandbox-1: ok, 40 of 100 fuel used]',
  );
  expect(readableReport(OK)).toBe("(no output)\n[sandbox: ok, 40 of 100 fuel used]");
});

test("text shows a value as Python prints it, as far as there is room behind the output", () => {
  const result: SandboxResult = { ...OK, stdout: "12345\n", value: [1, [2]], repr: { text: "(1, [2])", length: 8 } };
  expect(readableReport(result)).toBe("12345\n=> (1, [2])\n[sandbox: ok, 40 of 100 fuel used]");
  expect(readableReport(result, "s", 10)).toContain("\n=> (1, … (the first 4 of 8 characters)\n");
  expect(readableReport({ ...result, repr: { text: "'aé😀", length: 900 } }, "s", 9)).toContain(
    "=> 'aé… (the first 3 of 900 characters)",
  );
});

test("a value, a message and a traceback are no longer than a model can use", () => {
  const value = "v".repeat(100_000);
  const report = agentReport({ ...OK, value });
  // A quotation mark, and as much as there is room for.
  expect((report.value as { $truncated: string }).$truncated).toBe(`"${value.slice(0, 49_999)}`);
  expect(agentReport({ ...OK, value: value.slice(0, 49_998) }).value).toHaveLength(49_998);
  expect(readableReport({ ...OK, value }).length).toBeLessThan(51_000);
  const long = failed(`${"a".repeat(9_000)}z`, `Traceback${"b".repeat(9_000)}ValueError: z`);
  const { error } = agentReport(long);
  expect(error!.message).toMatch(/^a{2500}… 4001 characters …a{2499}z$/);
  expect(error!.traceback).toMatch(/^Tracebackb+… \d+ characters …b+ValueError: z$/);
  expect(readableReport(long).length).toBeLessThan(6_000);
});

test.each([
  [{ ...OK, stdoutTruncated: true }, /print less/],
  [failed("x", "t"), /^The sandbox keeps its variables: correct the code/],
  [{ ...failed("x", "t"), rewound: true }, /^The sandbox is as it was before this run: correct the code/],
  [
    { ...failed("x", "t"), status: "out-of-fuel" },
    /all of its 100 units.* endless loop\. The sandbox keeps its variables\.$/,
  ],
  [{ ...failed("x", "t"), status: "out-of-memory" }, /131072 bytes.*reset: true/],
  [
    {
      ...failed("x", ""),
      status: "out-of-fuel",
      error: { kind: "fuel", type: null, message: "", traceback: "", begun: false },
    },
    /had not begun: compiling it took them \(source costs about 1000 units a byte\)\. Run it in pieces/,
  ],
  [
    {
      ...failed("x", ""),
      status: "out-of-fuel",
      error: {
        kind: "fuel",
        type: null,
        message: "",
        traceback:
          'Traceback (most recent call last):\n  File "<stdin>", line 9, in <module>\n  File "<stdin>", line 3, in f\n',
        begun: true,
      },
    },
    /The program was running \(at line 3, in f\)\. Do less work/,
  ],
  [{ ...failed("x", "t"), status: "timeout" }, /longer than the operator allows/],
  [{ ...failed("x", "t"), status: "aborted" }, /cancelled/],
] as const)("says what to do after a run that did not end well: %#", (result, expected) => {
  const { advice } = agentReport(result as SandboxResult);
  expect(advice).toMatch(expected);
  expect(readableReport(result as SandboxResult)).toContain(advice);
});
