// The long form: 10,000 mutations (test/support/form.ts).
import "./snapshot-hostile.test.js";
