// The long form of receipts.test.ts.
import "./receipts.test.js";
