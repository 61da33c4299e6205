// `node .ci/spec-counts.mjs REPORT.json ASSERTIONS`: prints "PASSED FAILED" of a report of `escapement spec --json`;
// fails if the run had fewer assertions than it should.
import { readFileSync } from "node:fs";

const [path, expected] = process.argv.slice(2);
const { total, problems } = JSON.parse(readFileSync(path, "utf8"));
const { passed } = total;
const failed = total.failed + total.otherFailures;
for (const { file, line, message } of problems.slice(0, 50)) console.error(`${file}:${line} ${message}`);
console.error(
  `${total.assertions} assertions of ${total.files} files, ${passed} passed, ${total.expectedFailures} expected failures, ${failed} failed`,
);
if (total.assertions < Number(expected)) {
  console.error(`there should be ${expected} assertions`);
  process.exitCode = 1;
}
console.log(`${passed} ${failed}`);
