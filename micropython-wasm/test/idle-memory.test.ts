// What sessions hold while nobody asks anything of them.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Sandbox } from "../index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("an idle session holds what differs from the image, and no memory's buffer", async () => {
  const sandboxes: Sandbox[] = [];
  const haveRun = async (count: number): Promise<void> => {
    while (sandboxes.length < count) {
      const sandbox = await Sandbox.create();
      await sandbox.run("x = 1");
      sandboxes.push(sandbox);
    }
  };
  const buffers = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  await haveRun(4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const first = buffers();
  await haveRun(16);
  // They go to sleep in turns of their own. A memory's buffer alone has 1 MiB.
  await expect.poll(() => (buffers() - first) / 12, { timeout: 20_000 }).toBeLessThan(700_000);
  for (const sandbox of sandboxes) sandbox.close();
});
