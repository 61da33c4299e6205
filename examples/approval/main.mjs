// Runs that wait in a database: `node main.mjs demo` in a folder where `npm install escapement better-sqlite3@12` was run.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { Sandbox } from "escapement/python";

const PROGRAM = `
bought = []
for item, cents in [("tea", 350), ("gold", 90_000), ("milk", 90)]:
    if cents < 1_000 or approve(item, cents):
        bought.append(item)
bought
`;
const functions = { approve: () => undefined }; // never called: runs pause before it

const database = new Database(process.env.APPROVALS ?? "approvals.db");
database.exec(`create table if not exists runs(
  id integer primary key, state blob, question text, outcome text)`);

/** Keeps a run that waits, or its end. */
function keep(id, sandbox, result) {
  const waits = result.status === "paused";
  const state = waits ? Buffer.from(sandbox.snapshot()) : null;
  const question = waits ? `${result.call.name}(${result.call.args.join(", ")})` : null;
  const outcome = waits ? null : JSON.stringify(result.value ?? result.error);
  database.prepare("replace into runs values (?, ?, ?, ?)").run(id, state, question, outcome);
  console.log(waits ? `run ${id} waits: ${question}` : `run ${id} is over: ${outcome}`);
}

const commands = {
  async start() {
    const id = database.prepare("select coalesce(max(id), 0) + 1 from runs").pluck().get();
    const sandbox = await Sandbox.create({ functions });
    keep(id, sandbox, await sandbox.run(PROGRAM, { onHostCall: "pause" }));
  },
  list() {
    for (const { id, question, outcome } of database.prepare("select id, question, outcome from runs").all())
      console.log(id, outcome ?? `waits: ${question}`);
  },
  async answer(id, decision) {
    const row = database.prepare("select state from runs where id = ?").get(Number(id));
    if (!row?.state) throw new Error(`no run ${id} waits`);
    const sandbox = await Sandbox.restore(row.state, { functions });
    keep(Number(id), sandbox, await sandbox.resume(sandbox.paused, { value: decision === "yes" }));
  },
  /** Each step in a process of its own, as it will be. */
  demo() {
    const step = (...args) =>
      execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: "inherit" });
    step("start");
    step("list");
    step("answer", "1", "no");
    step("start");
    step("answer", "2", "yes");
  },
};

const [name = "demo", ...args] = process.argv.slice(2);
await commands[name](...args);
