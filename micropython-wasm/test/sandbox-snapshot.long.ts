// As sandbox-snapshot.test.ts, with a process for each artifact.
import "./sandbox-snapshot.test.js";
