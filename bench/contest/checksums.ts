// The quick form for CI: each engine runs each case once, and must print the same. Nothing is timed.
import { PEERS } from "./roster.js";
import { CONTEST_QUICK, DIFFERS, play } from "./run.js";
import { SUITES, type SuiteOptions } from "./suites.js";

/** Suites whose cases are no other suite's. */
const NAMES = ["micropython", "kernels", "simd", "gc", "border"];

const ONCE = { ...CONTEST_QUICK, rounds: 0, warmUpMs: 0 };

/** Prints a line for each engine of each suite. @returns whether all that are there agree */
export async function checksums(options: SuiteOptions): Promise<boolean> {
  let agree = true;
  for (const name of NAMES) {
    const suite = await SUITES[name]!(options);
    const { rows } = await play(suite, ONCE, () => {});
    for (const { name: engine } of suite.entrants) {
      const own = rows.filter((row) => row.engine === engine);
      const wrong = own.filter(({ note }) => note !== "");
      // One that is not there has no time of any case.
      const absent = own.every(({ first }) => first === null);
      if (absent) console.log(`${name}: ${engine}: ${wrong[0]?.note ?? "has no such cases"}`);
      else if (wrong.length === 0) console.log(`${name}: ${engine}: ${own.length} checksums`);
      else {
        // What an engine of others cannot do it says; what it does it must do right.
        const peer = PEERS.some((entrant) => entrant.name === engine);
        if (!peer || wrong.some(({ note }) => note.startsWith(DIFFERS))) agree = false;
        for (const row of wrong) console.log(`${name}: ${engine}: ${row.case} ${row.note}`);
      }
    }
  }
  return agree;
}
