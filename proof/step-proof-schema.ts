// The JSON schema of proofs of single steps (draft 2020-12), for those who read them with other tools.

const HASH = { type: "string", pattern: "^[0-9a-f]{64}$" };
const COUNT = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

const object = <const P extends Record<string, unknown>>(properties: P) => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});

const PART = object({
  name: { type: "string", description: "as proof/state-layout.ts and proof/program.ts name them" },
  byteLength: COUNT,
  root: { ...HASH, description: "Merkle root of the part's blocks of 1 KiB, before the step" },
  blocks: {
    type: "object",
    description: "number of a block that is read or written: its bytes",
    additionalProperties: { type: "string", pattern: "^[0-9a-f]{2048}$" },
  },
  nodes: {
    type: "object",
    description: "LEVEL.INDEX of a node beside those blocks, leaves being level 0: its hash",
    additionalProperties: HASH,
  },
});

const BITS = { type: "string", pattern: "^[0-9a-f]{1,16}$" };

const EFFECTS = {
  type: "array",
  description: "parts of the state as the host has left them",
  items: object({ name: { type: "string" }, byteLength: COUNT, root: HASH }),
};

/** A call of a receipt's log, of these fields; of any, if null. */
const logged = (call: Record<string, unknown> | null) => ({
  call: call === null ? { type: "object" } : object(call),
  index: COUNT,
  count: COUNT,
  root: { ...HASH, description: "callsRoot of the receipt" },
  path: { type: "array", items: HASH },
  earlier: { ...COUNT, description: "fuel of the run's executions before this one" },
});

export const STEP_PROOF_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Proof of one step of a run in Escapement",
  ...object({
    format: { const: "escapement-step-proof-2" },
    before: { ...HASH, description: "state hash before the step" },
    after: { ...HASH, description: "state hash behind it" },
    fuel: { ...object({ before: COUNT, after: COUNT }), description: "that the execution has used" },
    step: {
      ...object({ instance: COUNT, funcidx: COUNT, offset: COUNT, instruction: { type: "string" } }),
      description: "what is paid for: offset counts from the module's first byte",
    },
    outcome: {
      type: "object",
      required: ["kind"],
      properties: {
        kind: { enum: ["running", "done", "trapped", "threw", "failed"] },
        results: { type: "array", items: { type: "string", pattern: "^[0-9a-f]{32}$" } },
        message: { type: "string" },
      },
      additionalProperties: false,
    },
    state: { type: "array", items: PART },
    programs: {
      type: "array",
      description: "per instance: module, functions, outline; null where nothing of it is read",
      items: { anyOf: [{ type: "array", items: PART }, { type: "null" }] },
    },
    host: {
      description: "of a call of a host function: what is taken from the receipt's log",
      anyOf: [
        { type: "null" },
        object({ ...logged({ fuel: COUNT, name: { type: "string" }, args: HASH, result: true }), effects: EFFECTS }),
        object({
          answer: {
            ...object({ name: { type: "string" }, results: { type: "array", items: BITS }, fuel: COUNT }),
            description: "of a Python program's run: the import, its results, the execution's fuel behind it",
          },
          logged: {
            description: "the program's call that was answered so, as its receipt has it",
            anyOf: [{ type: "null" }, object(logged(null))],
          },
          writes: {
            type: "array",
            description: "what the host wrote into memories",
            items: object({ memory: COUNT, at: COUNT, bytes: { type: "string", pattern: "^([0-9a-f]{2})+$" } }),
          },
          effects: EFFECTS,
        }),
      ],
    },
    emscripten: {
      description: "of a step that calls an invoke function or longjmp: the module's global and function for those",
      anyOf: [{ type: "null" }, object({ stackPointer: COUNT, setThrew: COUNT })],
    },
  }),
} as const;
