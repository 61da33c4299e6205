// As everyday.test.ts, with what CPython prints held against CPython.
import "./everyday.test.js";
