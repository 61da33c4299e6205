// The snippets of snippets.txt on CPython and here, and the guide's table of them.

import { readFileSync } from "node:fs";
import { hasCPython, onCPython } from "../../../test/support/cpython.js";
import { Sandbox } from "../../index.js";

/** One line of snippets.txt: an expression of a module's, and the statements before it. */
export interface Snippet {
  readonly subject: string;
  readonly statements: readonly string[];
  readonly expression: string;
}

export interface Outcome extends Snippet {
  /** repr() of the value, or the class and text of the exception. */
  readonly here: string;
  readonly cpython: string;
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

export function snippets(): Snippet[] {
  const found: Snippet[] = [];
  let statements: string[] = [];
  for (const line of read("snippets.txt").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("> ")) statements.push(line.slice(2).replaceAll("\\n", "\n"));
    else {
      const colon = line.indexOf(": ");
      found.push({ subject: line.slice(0, colon), statements, expression: line.slice(colon + 2) });
      statements = [];
    }
  }
  return found;
}

const LIST = "@@";

/** A program that prints what each snippet of a subject gives. */
function programOf(subject: string, all: readonly Snippet[]): string {
  const modules = /^[a-z0-9_.]+$/.test(subject) ? `import ${subject}\n` : "";
  // Some expressions of csv and io need the other.
  const body = all
    .filter((snippet) => snippet.subject === subject)
    .flatMap(({ statements, expression }) => [
      ...statements,
      `try:\n    _v = repr((${expression}))\nexcept Exception as _e:\n    _v = type(_e).__name__ + ": " + str(_e)\nprint("${LIST}" + _v)`,
    ]);
  return `import io\n${modules}${body.join("\n")}\n`;
}

const printed = (text: string): string[] =>
  text
    .split(LIST)
    .slice(1)
    .map((part) => part.trimEnd());

/** What CPython 3.11 gives for each subject; undefined if it is not here. */
export function cpythonAnswers(subjects: readonly string[]): string[][] | undefined {
  if (!hasCPython) return undefined;
  return onCPython(subjects.map((subject) => programOf(subject, snippets()))).map(printed);
}

export async function here(subject: string): Promise<string[]> {
  const sandbox = await Sandbox.create({ fuel: 4e9, memory: "256MiB" });
  const { stdout, error } = await sandbox.run(programOf(subject, snippets()));
  sandbox.close();
  return error === null ? printed(stdout) : [...printed(stdout), `${error.type}: ${error.message}`];
}

/** CPython's answers, as they are checked in. */
export function expectedAnswers(): Readonly<Record<string, readonly string[]>> {
  return JSON.parse(read("snippets.expected.json"));
}

/** Rows of the guide's table: subject, how many snippets agree, and the expressions that do not. */
export async function libraryTable(): Promise<string> {
  const lines = ["| module | snippets | the same | differs |", "| --- | --- | --- | --- |"];
  const all = snippets();
  for (const [subject, wanted] of Object.entries(expectedAnswers())) {
    const got = await here(subject);
    const own = all.filter((snippet) => snippet.subject === subject);
    const different = own
      .filter((_snippet, i) => got[i] !== wanted[i])
      .map(({ expression }) => `\`${expression.slice(0, 60)}\``);
    lines.push(`| ${subject} | ${own.length} | ${own.length - different.length} | ${different.join(", ")} |`);
  }
  return lines.join("\n");
}
