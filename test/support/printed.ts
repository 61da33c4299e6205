// Examples in Markdown that say what they print.
import { expect } from "vitest";

export interface Example {
  readonly name: string;
  readonly code: string;
  /** Of the language's comments that say what is printed. */
  readonly mark: string;
}

/** The blocks in a language, named by their section and their number in it. */
export function examplesIn(page: string, language: string, mark: string): Example[] {
  const examples: Example[] = [];
  let section = "";
  let number = 0;
  for (const [, heading, found, code] of page.matchAll(/^#+ (.*)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (heading !== undefined) {
      section = heading;
      number = 0;
    } else if (found === language) examples.push({ name: `${section}, ${++number}`, code: code!, mark });
  }
  return examples;
}

/** What an example says that it prints; `…` is anything within a line. */
export function expectPrinted(printed: string, { code, mark }: Example): void {
  const lines = code.split("\n").filter((line) => line.startsWith(mark));
  const expected = lines.map((line) => line.slice(mark.length + 1)).join("\n");
  const parts = expected.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (new RegExp(`^${parts.join(".*")}$`).test(printed)) return;
  expect(printed).toBe(expected);
}
