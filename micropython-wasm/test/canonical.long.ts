// The long form: later stops (test/support/form.ts).
import "./canonical.test.js";
