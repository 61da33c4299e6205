import { describe } from "vitest";
import { testMounts } from "./mounts-suite.js";

describe("mounts on CPython", () => testMounts({ python: "cpython" }, { links: false }));
