// `npx tsx micropython-wasm/lib/test/print-table.ts`: prints the guide's table of the library; with --expected, what CPython 3.11 gives, for
// micropython-wasm/lib/test/snippets.expected.json.
import { here, libraryTable, onCPython, snippets } from "./table.js";

const subjects = [...new Set(snippets().map(({ subject }) => subject))];
if (process.argv.includes("--expected")) {
  console.log(JSON.stringify(Object.fromEntries(subjects.map((subject) => [subject, onCPython(subject)])), null, 1));
} else if (process.argv.includes("--differences")) {
  for (const subject of subjects) {
    const wanted = onCPython(subject) ?? [];
    const got = await here(subject);
    wanted.forEach((text, i) => {
      if (text !== got[i]) console.log(`${subject}\n  want ${text}\n  got  ${got[i]}`);
    });
  }
} else console.log(await libraryTable());
