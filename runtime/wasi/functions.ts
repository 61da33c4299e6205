// Preview 1 by name: all of its 45 functions, and sock_accept, which came later.

import type { WasiFunction } from "./call.js";
import { CLOCK_FUNCTIONS } from "./calls-clock.js";
import { FD_FUNCTIONS } from "./calls-fd.js";
import { PATH_FUNCTIONS } from "./calls-path.js";
import { PROCESS_FUNCTIONS } from "./calls-process.js";
import { SOCK_FUNCTIONS } from "./calls-sock.js";

export const WASI_FUNCTIONS: Readonly<Record<string, WasiFunction>> = {
  ...PROCESS_FUNCTIONS,
  ...CLOCK_FUNCTIONS,
  ...FD_FUNCTIONS,
  ...PATH_FUNCTIONS,
  ...SOCK_FUNCTIONS,
};
