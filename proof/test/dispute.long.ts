// The long form: all faults (test/support/form.ts).
import "./dispute.test.js";
