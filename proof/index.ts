// The public face of proofs: receipts of runs, state hashes, and disputes about them.

export {
  dispute,
  type Finding,
  firstDifferingCheckpoint,
  MAX_DIFFERENCES,
  type Party,
  type Place,
  type StateDifference,
  standing,
  stateDifferences,
} from "./dispute.js";
export { MerkleTree } from "./merkle.js";
export { type HostWorld, ModuleRun, type ModuleRunOptions, type RunCall, type RunEnd } from "./module-run.js";
export {
  type Checkpoints,
  canonicalJson,
  type Difference,
  firstDifference,
  type Hash,
  type HostCall,
  hashOfData,
  MAX_CHECKPOINTS,
  parseCanonicalJson,
  RECEIPT_FORMAT,
  type Receipt,
  receiptBytes,
} from "./receipt.js";
export { RECEIPT_SCHEMA } from "./receipt-schema.js";
export { FIRST_INTERVAL, Recorder, type RecorderOptions } from "./recorder.js";
export { RunParty } from "./run-party.js";
export { type HostState, StateHasher, type StateHashOptions, type StatePart } from "./state-hash.js";
