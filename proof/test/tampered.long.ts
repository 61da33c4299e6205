// The long form: 10,000 of them (test/support/form.ts).
import "./tampered.test.js";
