// The long form: 10,000 alterations (test/support/form.ts).
import "./session-state.test.js";
