// Files and functions of the operator's, as `escapement mcp` takes them.
import { mkdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { Files } from "../../test/support/built-cli.js";
import { describeProvided, loadFunctions, readInputs } from "../operator.js";
import { UsageFailure } from "../report.js";

const files = new Files();
afterAll(() => files.remove());
const text = files.write("a=b.txt", "text");
mkdirSync(files.path("data/sub"), { recursive: true });
files.write("data/sub/b.txt", "b");

test("inputs have their own names, or those that are given", async () => {
  const names = async (...inputs: string[]) => Object.keys(await readInputs(inputs));
  expect(await names()).toEqual([]);
  expect(await names(files.path("data"))).toEqual(["data/sub/b.txt"]);
  expect(await names(`${files.path("data")}/`)).toEqual(["data/sub/b.txt"]);
  expect(await names(`${files.path("data")}=x/y`, `${text}=one`)).toEqual(["x/y/sub/b.txt", "one"]);
  expect(await names(text)).toEqual(["a=b.txt"]);
  expect(await names(`${text}=__proto__`)).toEqual(["__proto__"]);
});

test.each([
  [[files.path("none")], /cannot read \S+none: there is no such file/],
  [["/dev/zero"], /neither a file nor a directory/],
  [[files.path("data"), files.path("data")], /there is already a data; PATH=NAME gives another/],
  [[`${text}=../x`], /"..\/x" is no name below \/input/],
  [[`${text}=/etc`], /"\/etc" is no name below \/input/],
  [["/"], /"" is no name below \/input/],
  [[`${files.path("data")}=x`, `${text}=x/sub/b.txt`], /two files for \/input\/x\/sub\/b.txt/],
])("refuses %j", async (inputs, expected) => {
  const refusal = await readInputs(inputs).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UsageFailure);
  expect((refusal as Error).message).toMatch(expected);
});

let loaded = 0;

test("exports become functions and modules", async () => {
  const { functions, modules } = await loadFunctions(
    files.write(
      "good.mjs",
      "export const one = () => 1; export async function two() {} export const m = { three() {} };",
    ),
  );
  expect(Object.keys(functions)).toEqual(["one", "two"]);
  expect(Object.keys(modules["m"]!)).toEqual(["three"]);
  const common = await loadFunctions(files.write("good.cjs", "exports.four = () => 4;"));
  expect(Object.keys(common.functions)).toEqual(["four"]);
});

test.each([
  ["export default () => 1", "exports nothing by name: export each function by its name"],
  ["export const a = 1", "exports a, which is neither a function nor an object of functions"],
  ["export const m = { f: 1 }", "exports m, whose f is not a function"],
  ["export const $a = () => 1", 'exports "$a", which is not a name in Python'],
  ["syntax error", "cannot load"],
  ["throw new Error('at once')", "at once"],
])("refuses a module with %j", async (source, expected) => {
  // A name of its own: modules are loaded once.
  const file = files.write(`wrong-${loaded++}.mjs`, source);
  const refusal = await loadFunctions(file).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UsageFailure);
  expect((refusal as Error).message).toContain(expected);
});

test("agents are told of a bounded number of names", () => {
  const many = Array.from({ length: 25 }, (_, i) => `f${i}.txt`);
  expect(describeProvided({ functions: {}, modules: {} }, many)).toMatch(
    /^Files that can be read: \/input\/f0.txt, .*f19.txt and 5 more\.$/,
  );
  expect(describeProvided({ functions: {}, modules: {} }, [])).toBe("");
});
