// The long form of repl.test.ts.
import "./repl.test.js";
