// The JSON schema of receipts (draft 2020-12), for those who read them with other tools.

const HASH = { type: "string", pattern: "^[0-9a-f]{64}$" };
const COUNT = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

export const RECEIPT_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Receipt of a run in Escapement",
  type: "object",
  additionalProperties: false,
  required: [
    ...["format", "artifact", "program", "code", "schedule", "limits", "inputs", "hostCalls", "callsRoot", "outputs"],
    ...["status", "value", "fuel", "checkpoints", "final"],
  ],
  properties: {
    format: { const: "escapement-receipt-2" },
    artifact: { ...HASH, description: "SHA-256 of the module's bytes" },
    program: {
      ...HASH,
      description: "what state hashes commit to of the module: its bytes, and where its functions lie",
    },
    code: { anyOf: [HASH, { type: "null" }], description: "SHA-256 of the program that an interpreter was given" },
    schedule: { type: "string", description: "fuel schedule" },
    limits: { type: "object", additionalProperties: { anyOf: [{ type: "integer" }, { type: "string" }] } },
    inputs: { type: "object", description: "arguments and options; hashes of longer inputs" },
    hostCalls: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["fuel", "name", "args", "result"],
        properties: {
          fuel: { ...COUNT, description: "fuel used when the call was over" },
          name: { type: "string" },
          args: { ...HASH, description: "SHA-256 of the arguments as canonical JSON" },
          result: {
            description:
              "as JSON; {hash} of it by option, {threw} if it threw; of Python {value} or {threw}, null if it never came",
          },
          later: { description: "of Python: the guest did not wait for it; its number among such results, in order" },
          calledGuest: { const: true, description: "of Python: the host called functions of the program's" },
        },
      },
    },
    callsRoot: { ...HASH, description: "Merkle root of hostCalls; 64 zeros if there are none" },
    outputs: {
      type: "object",
      additionalProperties: HASH,
      description: "from 32 zeros on, SHA-256 of the hash before and the bytes of each write",
    },
    status: { enum: ["done", "exited", "trapped", "threw", "failed", "out-of-fuel"] },
    value: { description: "results; the message of an error" },
    fuel: {
      type: "object",
      additionalProperties: false,
      required: ["limit", "used"],
      properties: { limit: COUNT, used: COUNT },
    },
    checkpoints: {
      type: "object",
      additionalProperties: false,
      required: ["interval", "states"],
      properties: {
        interval: { ...COUNT, minimum: 1 },
        states: { type: "array", items: HASH, maxItems: 2000 },
      },
    },
    final: {
      anyOf: [HASH, { type: "null" }],
      description: "state hash at the end; null if the interpreter is broken",
    },
  },
} as const;
