// The long form: a run with more checkpoints (test/support/form.ts).
import "./receipt.test.js";
