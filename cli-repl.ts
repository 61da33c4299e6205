// `escapement python` at a terminal, without a program: the REPL.
import { readFileSync, writeFileSync } from "node:fs";
import type { GuestFlags } from "./cli-guest.js";
import { pythonStackBytes, stackLimits } from "./cli-options.js";
import { STATUS } from "./cli-report.js";
import { PythonRepl } from "./micropython-wasm/repl.js";

/** Talks until the user leaves. @returns the exit status */
export async function repl(flags: GuestFlags): Promise<number> {
  const { stdin, stdout } = process;
  const cooked = () => void stdin.setRawMode(false);
  // Also when a signal ends the process: the shell needs its terminal back.
  process.once("exit", cooked);
  // Before the prompt is shown: what is typed then is to come as it is.
  stdin.setRawMode(true);
  try {
    const python = await PythonRepl.start({
      fuel: flags.fuel,
      schedule: flags.schedule,
      memoryLimitBytes: flags.memory,
      ...stackLimits(flags.stack),
      pythonStackBytes: pythonStackBytes(flags.stack),
      seed: flags.seed,
      write: (bytes) => void stdout.write(bytes),
      store: {
        save: (name, snapshot) => writeFileSync(name, snapshot),
        load: (name) => readFileSync(name),
      },
    });
    await new Promise<void>((resolve, reject) => {
      stdin.on("data", (bytes: Buffer) => {
        python.type(bytes);
        python.idle().then(() => {
          if (python.ended) resolve();
        }, reject);
      });
      // The terminal is gone.
      stdin.once("end", resolve);
    });
  } finally {
    stdin.pause();
    cooked();
    process.off("exit", cooked);
  }
  return STATUS.done;
}
