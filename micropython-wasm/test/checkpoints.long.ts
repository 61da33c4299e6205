// As checkpoints.test.ts, from every checkpoint.
import "./checkpoints.test.js";
