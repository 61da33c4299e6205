// The host's side of a snapshot, altered by somebody who has made the checksum right again.
import { describe, expect, test } from "vitest";
import { decodeSnapshot, encodeSnapshot, SnapshotError } from "../../runtime/index.js";
import { forms } from "../../test/support/form.js";
import type { Sandbox } from "../index.js";
import { decodeSessionState } from "../interpreter/session-state.js";
import { STATE_READERS } from "../session/sandbox-boot.js";
import { Environment } from "../world/environment.js";
import { checkPosixFilesState } from "../world/posix-files-check.js";
import { ARTIFACTS, type TestArtifact } from "./artifacts.js";

const functions = { add: (a: number, b: number) => a + b };

async function sessionBytes(artifact: TestArtifact): Promise<{ snapshot: Uint8Array; session: Uint8Array }> {
  const sandbox = await artifact.create({ functions, files: { "a/b": "text" } });
  await sandbox.run("import os\nos.mkdir('d')\nf = open('d/f', 'w')\nf.write('x' * 100)\nprint('out')");
  const snapshot = sandbox.snapshot();
  return { snapshot, session: decodeSnapshot(snapshot).attachments["session"]! };
}

function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function altered(bytes: Uint8Array, random: (limit: number) => number): Uint8Array {
  const copy = random(10) === 0 ? bytes.slice(0, random(bytes.length)) : bytes.slice();
  for (let n = random(4); n >= 0 && copy.length > 0; n--) copy[random(copy.length)] = random(256);
  return copy;
}

const ALTERATIONS = forms(700, 10_000);

describe.each(ARTIFACTS)("$kind: an altered state of a session", (artifact) => {
  test(`is refused with SnapshotError or is a state, in ${ALTERATIONS} seeded alterations`, {
    timeout: 30_000,
  }, async () => {
    const { session } = await sessionBytes(artifact);
    const random = generator(1);
    const { files } = new Environment();
    let accepted = 0;
    for (let i = 0; i < ALTERATIONS; i++) {
      try {
        checkPosixFilesState(
          decodeSessionState(altered(session, random), STATE_READERS).python.environment.files,
          files,
        );
        accepted++;
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error;
      }
    }
    expect(accepted).toBeLessThan(ALTERATIONS);
  });

  test("in a whole snapshot, never leads to more than a broken guest", { timeout: 30_000 }, async () => {
    const { snapshot, session } = await sessionBytes(artifact);
    const { picture } = decodeSnapshot(snapshot);
    const random = generator(2);
    for (let i = 0; i < 25; i++) {
      const bytes = encodeSnapshot(picture, { attachments: { session: altered(session, random) }, compress: false });
      let sandbox: Sandbox;
      try {
        sandbox = await artifact.restore(bytes, { functions });
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotError);
        continue;
      }
      const result = await sandbox.run("import os\n[add(1, 1), os.listdir('/input'), open('/work/d/f').read()]");
      expect(["ok", "error", "out-of-fuel", "out-of-memory"]).toContain(result.status);
    }
  });
});
