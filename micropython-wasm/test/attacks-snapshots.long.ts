// As attacks-snapshots.test.ts, with more of what is made up.
import "./attacks-snapshots.test.js";
