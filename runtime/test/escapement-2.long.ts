// The long form of escapement-2.test.ts: every budget.
import "./escapement-2.test.js";
