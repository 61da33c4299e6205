import { expect, test } from "vitest";
import { TIERS } from "../../../runtime/test/support/interpreter-runner.js";
import { wat } from "../../../runtime/test/support/wat.js";
import { compareModule } from "../compare.js";
import type { HostAnswer } from "../host-child.js";

const MODULE = `(module
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "divide") (param i32 i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 8) (local.get 0))
    (i32.div_u (local.get 0) (local.get 1)))
  (func (export "stop") (unreachable)))`;

const answering = (change: (lines: string[]) => void) => ({
  async trace(...[module, calls]: Parameters<typeof import("../../../runtime/test/support/host-runner.js").hostTrace>) {
    const { hostTrace } = await import("../../../runtime/test/support/host-runner.js");
    const lines = [...hostTrace(module, calls)];
    change(lines);
    return { lines } satisfies HostAnswer;
  },
});

test("engines that agree do not diverge", async () => {
  const result = await compareModule(
    7,
    await wat(MODULE),
    answering(() => {}),
  );
  expect(result.divergences).toEqual([]);
  expect(result.ends).toEqual({ results: 1, trap: 1 });
  expect(result.stops).toBeGreaterThan(0);
});

test.each([
  ["a result", /^divide/, "divide() -> 0x7"],
  ["a trap", /^stop/, "stop() traps: memory"],
  ["a memory", /^memory 0/, "memory 0: 65536 bytes, hash 0x0"],
  ["a global", /^global 0/, "global 0: 0x2"],
])("%s that differs is a divergence", async (_, line, other) => {
  const result = await compareModule(
    7,
    await wat(MODULE),
    answering((lines) => {
      const at = lines.findIndex((text) => line.test(text));
      lines[at] = other;
    }),
  );
  expect(result.divergences).toHaveLength(TIERS.length);
  expect(result.divergences[0]).toMatch(/^interpreter against V8/);
  expect(result.divergences[0]).toContain(other);
});

test("a module that ours does not read is a divergence", async () => {
  const result = await compareModule(1, new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), null);
  expect(result.divergences[0]).toMatch(/^decoder failed/);
});
