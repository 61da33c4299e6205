// Preview 1 by name. A function that is missing here is missing when a module that imports it
// is linked; another row, and it is there.

import type { WasiFunction } from "./call.js";
import { CLOCK_FUNCTIONS } from "./calls-clock.js";
import { FD_FUNCTIONS } from "./calls-fd.js";
import { PATH_FUNCTIONS } from "./calls-path.js";
import { PROCESS_FUNCTIONS } from "./calls-process.js";

export const WASI_FUNCTIONS: Readonly<Record<string, WasiFunction>> = {
  ...PROCESS_FUNCTIONS,
  ...CLOCK_FUNCTIONS,
  ...FD_FUNCTIONS,
  ...PATH_FUNCTIONS,
};
