import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { OPCODES } from "../../decoder/opcodes.js";
import { UsageError } from "../../runtime/errors.js";
import { sha256 as engineSha256 } from "../../runtime/sha256.js";
import { checkStep, ProofError, STEP_PROOF_FORMAT } from "../check-step/index.js";
import { basePrice } from "../check-step/price.js";
import { sha256 } from "../check-step/sha256.js";
import { uncoveredVectors } from "../check-step/vector.js";
import { proveStepAt } from "../prove-run.js";
import { STEP_PROOF_SCHEMA } from "../step-proof-schema.js";
import { everyStep, NOT_IN_CORE, NOT_IN_CORE_PROGRAMS, STEP_PROGRAMS } from "./step-programs.js";
import { mixer } from "./support.js";

describe("every step of a run is proved and checked", () => {
  test.each(Object.entries(STEP_PROGRAMS))("%s", async (_, make) => {
    const proofs = await everyStep(make);
    for (const [i, proof] of proofs.slice(1).entries()) expect(proof.before).toBe(proofs[i]!.after);
    const validate = new Ajv2020().compile(STEP_PROOF_SCHEMA);
    for (const proof of proofs) expect(validate(proof), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...proofs[0], after: "0" })).toBe(false);
    expect(proofs.at(-1)!.outcome.kind).toMatch(/done|trapped/);
  });

  test("with what the official suite's core/ has no file of: every instruction of it", async () => {
    const [atomics = [], others = []] = await Promise.all(NOT_IN_CORE_PROGRAMS.map(everyStep));
    const proved = new Set<string>([...atomics, ...others].map(({ step }) => step.instruction));
    const missing = OPCODES.filter(({ opcode, feature }) => NOT_IN_CORE.has(feature) && basePrice(opcode) > 0)
      .map(({ name }) => name)
      .filter((name) => !proved.has(name));
    expect(missing).toEqual([]);
    expect(atomics.at(-1)!.outcome).toEqual({ kind: "trapped", message: "unaligned atomic" });
    // Three pages of a byte and four more are seven: the load of bytes 4 to 7 ends behind them.
    expect(others.at(-1)!.outcome).toEqual({ kind: "trapped", message: "out of bounds memory access" });
  });

  test("they begin with what is paid for, in order", async () => {
    const proofs = await everyStep(() => mixer({ n: 1 }));
    const steps = proofs.map(({ step }) => step.instruction);
    // (mix 1), by hand: the free loop, block and end are steps of nobody's.
    expect(steps.slice(0, 5)).toEqual(["entry of a function", "local.get", "local.get", "call", "entry of a function"]);
    expect(steps.slice(-2)).toEqual(["br_if", "local.get"]);
    // $step gives 0 * 31 + (0 ^ 7) = 7, of which the host makes 7 ^ 5 = 2.
    const host = proofs.find(({ host }) => host !== null)!;
    expect(host.step.instruction).toBe("call");
    expect(host.host!.call).toMatchObject({ name: "host.ask", result: 2 });
    expect(proofs.reduce((fuel, proof) => fuel + proof.fuel.after - proof.fuel.before, 0)).toBe(
      proofs.at(-1)!.fuel.after,
    );
  });
});

test("a run that is over has no step", async () => {
  const run = mixer({ n: 1 });
  await expect(proveStepAt(run, 10_000, { calls: [] })).rejects.toThrow(UsageError);
});

test("a call of the host's without its log has no proof", async () => {
  const run = mixer({ n: 1 });
  const proofs = await everyStep(() => mixer({ n: 1 }));
  const { fuel } = proofs.find(({ host }) => host !== null)!;
  await expect(proveStepAt(run, fuel.before, { calls: [] })).rejects.toThrow(/shows no call/);
});

describe("the checker", () => {
  const folder = new URL("../check-step/", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));

  test("imports the table of instructions, and nothing else of the project", () => {
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const imports = [...readFileSync(new URL(file, folder), "utf8").matchAll(/from "([^"]+)"/g)].map(
        ([, path]) => path!,
      );
      for (const path of imports) expect(path, file).toMatch(/^\.\/[\w-]+\.js$|^\.\.\/\.\.\/decoder\/opcodes\.js$/);
    }
  });

  test("has a rule for each vector instruction", () => {
    expect(uncoveredVectors()).toEqual([]);
  });

  test("has the SHA-256 of FIPS 180-4", () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    expect(hex(sha256(new TextEncoder().encode("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    for (const length of [0, 55, 56, 63, 64, 119, 120, 1024]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
      expect(hex(sha256(bytes)), `${length}`).toBe(hex(engineSha256(bytes)));
    }
  });

  test.each([null, 1, "x", {}, { format: STEP_PROOF_FORMAT }])("refuses %j", (value) => {
    expect(() => checkStep(value)).toThrow(ProofError);
  });
});
