// The long form: more budgets (test/support/form.ts).
import "./tier.test.js";
