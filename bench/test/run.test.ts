import { expect, test } from "vitest";
import type { Case } from "../contest/cases.js";
import type { Entrant } from "../contest/roster.js";
import { type ContestEffort, play } from "../contest/run.js";
import { MEAN, type Row, type Suite } from "../contest/suite.js";

/** A contestant whose answers are JavaScript's: `answer` is the body of a function of the request. */
const scripted = (name: string, answer: string): Entrant => ({
  name,
  title: name,
  counts: false,
  runs: ["python"],
  command: () => [
    process.execPath,
    "-e",
    `console.log(JSON.stringify({ version: "1" }));
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const request = JSON.parse(line);
      const answer = request.do === "python" ? { ms: [1], result: "" } : (() => { ${answer} })();
      console.log(JSON.stringify(answer));
    });`,
  ],
});

const CASES: readonly Case[] = ["one", "two"].map((name) => ({ name, work: { source: name }, expected: "42\n" }));
const EFFORT: ContestEffort = { rounds: 4, turnMs: 1, warmUpMs: 1, budgetMs: 1000, processes: 2 };

function contest(entrants: readonly Entrant[], timing: Suite["timing"] = "steady") {
  return play({ name: "s", title: "s", reference: "good", entrants, cases: CASES, timing }, EFFORT, () => {});
}
const good = scripted("good", `return { ms: [2], result: "42\\n" };`);
const of = (rows: readonly Row[], engine: string, name: string) =>
  rows.find((row) => row.engine === engine && row.case === name);

test.each([
  ["that is absent", { ...good, name: "bad", command: () => ["/no/such/program"] }, /ENOENT/],
  ["whose process ends", scripted("bad", "process.exit(3)"), /its process ended/],
  ["that fails", scripted("bad", `return { error: "no luck" };`), /^no luck$/],
  [
    "that gives something else",
    scripted("bad", `return { ms: [1], result: "41\\n" };`),
    /^gives "41\\n", not "42\\n"$/,
  ],
])("an engine %s is a row that says so, and the others are measured", async (_, bad, note) => {
  const { rows } = await contest([bad, good]);
  expect(of(rows, "bad", "one")?.note).toMatch(note);
  expect(of(rows, "bad", "one")?.median).toBeNull();
  expect(of(rows, "good", "two")).toMatchObject({ median: 2, rounds: 4, note: "" });
});

test("an engine that fails one case is measured in the others", async () => {
  const { rows } = await contest([
    good,
    scripted("half", `if (request.source === "one") process.exit(1); return { ms: [6], result: "42\\n" };`),
  ]);
  expect(of(rows, "half", "one")?.ratio).toBeNull();
  expect(of(rows, "half", "two")?.ratio).toEqual({ ratio: 3, low: 3, high: 3 });
  expect(of(rows, "half", MEAN)).toBeUndefined();
  expect(of(rows, "good", MEAN)?.ratio?.ratio).toBe(1);
});

test("fresh processes: each case in processes of its own, and all in a row", async () => {
  const counting = scripted(
    "good",
    `globalThis.n = (globalThis.n ?? 0) + 1; return { ms: [globalThis.n], result: "42\\n" };`,
  );
  const { rows } = await contest([counting], "fresh");
  expect(rows.map((row) => [row.case, row.median, row.rounds])).toEqual([
    ["boot", 1, 6],
    ["one", 1, 2],
    ["two", 1, 2],
    ["all in a row", 3, 2],
    [MEAN, null, 0],
  ]);
});
