import { expect, test } from "vitest";
import { compiledArtifact } from "../session/compiled-artifact.js";

const emptyModule = () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

test("bytes are compiled once for each array and schedule, the default one by whatever name", () => {
  const bytes = emptyModule();
  const module = compiledArtifact(bytes, undefined);
  expect(compiledArtifact(bytes, undefined)).toBe(module);
  expect(compiledArtifact(bytes, "escapement-2")).toBe(module);
  expect(compiledArtifact(emptyModule(), undefined)).not.toBe(module);
  const other = compiledArtifact(bytes, "wasmtime-45");
  expect(other).not.toBe(module);
  expect(other.engine.schedule.name).toBe("wasmtime-45");
  expect(compiledArtifact(bytes, "wasmtime-45")).toBe(other);
});

test("what cannot be compiled is an error each time", () => {
  const bytes = emptyModule().fill(9, 4);
  for (let i = 0; i < 2; i++) expect(() => compiledArtifact(bytes, undefined)).toThrow("version");
  expect(() => compiledArtifact(emptyModule(), "none" as never)).toThrow("unknown fuel schedule none");
});
