// `npx tsx micropython-wasm/lib/test/print-table.ts`: prints the guide's table of the library; with --expected, what CPython 3.11 gives, for
// micropython-wasm/lib/test/snippets.expected.json.
import { cpythonAnswers, here, libraryTable, snippets } from "./table.js";

const subjects = [...new Set(snippets().map(({ subject }) => subject))];
const answers = () => {
  const all = cpythonAnswers(subjects) ?? [];
  return Object.fromEntries(subjects.map((subject, i) => [subject, all[i] ?? []]));
};
if (process.argv.includes("--expected")) {
  console.log(JSON.stringify(answers(), null, 1));
} else if (process.argv.includes("--differences")) {
  for (const [subject, wanted] of Object.entries(answers())) {
    const got = await here(subject);
    wanted.forEach((text, i) => {
      if (text !== got[i]) console.log(`${subject}\n  want ${text}\n  got  ${got[i]}`);
    });
  }
} else console.log(await libraryTable());
