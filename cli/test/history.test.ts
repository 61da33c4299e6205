// Where the lines of Python's prompt are kept.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Files } from "../../test/support/built-cli.js";
import { fileHistory, historyPath } from "../history.js";

const files = new Files();
afterAll(() => files.remove());

test("is what the environment says, and by default with the user's state", () => {
  expect(historyPath({ ESCAPEMENT_HISTORY: "/x/y" })).toBe("/x/y");
  expect(historyPath({ ESCAPEMENT_HISTORY: "" })).toBeUndefined();
  expect(historyPath({ XDG_STATE_HOME: "/state" })).toBe("/state/escapement/python-history");
  const byDefault = join(homedir(), ".local/state/escapement/python-history");
  expect(historyPath({})).toBe(byDefault);
  // The specification has relative paths ignored.
  expect(historyPath({ XDG_STATE_HOME: "state" })).toBe(byDefault);
});

test("lines are there in the next session, for their user alone", () => {
  const path = files.path("a/b/history");
  const first = fileHistory(path);
  expect(first.lines).toEqual([]);
  first.add("x = 'é'");
  first.add("print(x)");
  expect(fileHistory(path).lines).toEqual(["x = 'é'", "print(x)"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
});

test("a long file is made shorter, whole", () => {
  const path = files.path("long");
  writeFileSync(path, Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join(""));
  const { lines } = fileHistory(path);
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([1000, "line 2000", "line 2999"]);
  expect(readFileSync(path, "utf8").split("\n")).toEqual([...lines, ""]);
  expect(readdirSync(dirname(path)).filter((name) => name.startsWith("long"))).toEqual(["long"]);
});

test("where nothing can be kept, there is a history all the same", () => {
  const folder = files.path("folder");
  mkdirSync(folder);
  const history = fileHistory(folder);
  expect(history.lines).toEqual([]);
  history.add("x");
  fileHistory(undefined).add("x");
});
