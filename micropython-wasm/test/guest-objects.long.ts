// The long form: smaller slices (test/support/form.ts).
import "./guest-objects.test.js";
