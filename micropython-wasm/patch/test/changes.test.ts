import { expect, test } from "vitest";
import { loadPublished } from "../../emscripten/artifact-node.js";
import { mendArtifact } from "../../emscripten/mend-artifact.js";
import { applyChanges, changesBetween } from "../changes.js";

const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : [part])));
const long = "what stays the same is longer than thirty-two bytes, or nobody looks for it ";

test.each([
  ["nothing changes", bytes(long), bytes(long)],
  ["all changes", bytes("a"), bytes("b", long)],
  ["from nothing", bytes(), bytes("b")],
  ["to nothing", bytes("b"), bytes()],
  ["before, between and behind", bytes(long, 1, long), bytes(2, long, 3, 4, long, 5)],
  ["in another order", bytes("first, " + long, long + "second"), bytes(long + "second", "first, " + long)],
  ["cut out", bytes(long, "cut", long + "end"), bytes(long, long + "end")],
])("changes give what they were made from: %s", (_, before, after) => {
  expect(applyChanges(before, changesBetween(before, after))).toEqual(after);
});

test("those of the artifact are small, and of another file they are none", async () => {
  const published = await loadPublished();
  const mended = mendArtifact(published);
  const changes = changesBetween(published, mended);
  expect(Buffer.compare(applyChanges(published, changes)!, mended)).toBe(0);
  expect(changes.length).toBeLessThan(27_000);
  expect(applyChanges(published.subarray(1), changes)).toBeUndefined();
  expect(() => applyChanges(published, changes.subarray(0, -5))).toThrow(RangeError);
});
