// The long form: names are broken in more ways (test/support/form.ts).
import "./attacks.test.js";
