// As profile.test.ts, and without a JIT.
import "./profile.test.js";
