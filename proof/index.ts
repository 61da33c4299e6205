// The public face of proofs: receipts of runs, state hashes, and disputes about them.

export { hex, sha256 } from "../runtime/sha256.js";
export { callsRoot } from "./call-log.js";
export {
  type CheckedStep,
  checkStep,
  ProofError,
  STEP_PROOF_FORMAT,
  type StepOutcome,
  type StepProof,
} from "./check-step/index.js";
export {
  CheckpointLedger,
  FIRST_INTERVAL,
  isSavedRecording,
  type LedgerOptions,
  type LedgerState,
  type SavedRecording,
} from "./checkpoint-ledger.js";
export {
  dispute,
  type Finding,
  firstDifferingCheckpoint,
  MAX_DIFFERENCES,
  type Party,
  type Place,
  placeText,
  type StateDifference,
  standing,
  stateDifferences,
} from "./dispute.js";
export { type HashTools, type IsEqual, MerkleTree } from "./merkle.js";
export {
  type HostWorld,
  type KeptRun,
  ModuleRun,
  type ModuleRunOptions,
  type RunCall,
  type RunEnd,
} from "./module-run.js";
export { type PartCommitment, rootOfParts } from "./parts.js";
export { type Outline, type Program, programOf } from "./program.js";
export { type ProveOptions, proveStepAt, type SteppedRun } from "./prove-run.js";
export {
  type Checkpoints,
  canonicalJson,
  type Difference,
  firstDifference,
  type Hash,
  type HostCall,
  hashOfData,
  isReceipt,
  MAX_CHECKPOINTS,
  parseCanonicalJson,
  RECEIPT_FORMAT,
  type Receipt,
  receiptBytes,
} from "./receipt.js";
export { RECEIPT_SCHEMA } from "./receipt-schema.js";
export { Recorder, type RecorderOptions } from "./recorder.js";
export { type ReplayableRun, RunParty } from "./run-party.js";
export { type HostState, moduleHash, programHash, StateHasher, type StateHashOptions } from "./state-hash.js";
export { STEP_PROOF_SCHEMA } from "./step-proof-schema.js";
