// The library beside CPython 3.11: what the guide's table says holds, and what it does not name agrees.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cpythonAnswers, expectedAnswers, libraryTable, snippets } from "./table.js";

test("the guide's table is what the snippets give", async () => {
  const guide = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(guide).toContain(await libraryTable());
}, 120_000);

test("every snippet has an answer, and it is CPython 3.11's", () => {
  const expected = expectedAnswers();
  const real = cpythonAnswers(Object.keys(expected));
  for (const [i, [subject, answers]] of Object.entries(expected).entries()) {
    const own = snippets().filter((snippet) => snippet.subject === subject);
    expect(answers.length, subject).toBe(own.length);
    if (real !== undefined) expect(real[i], subject).toEqual(answers);
  }
  expect(new Set(snippets().map(({ subject }) => subject))).toEqual(new Set(Object.keys(expected)));
}, 60_000);
