// Python over a database: `node main.mjs` in a folder where `npm install escapement better-sqlite3@12` was run.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Sandbox } from "escapement/python";

const file = join(mkdtempSync(join(tmpdir(), "escapement-sql-")), "shop.db");
const owner = new Database(file);
owner.exec(`create table orders(item text, cents integer);
  insert into orders values ('tea', 350), ('milk', 90), ('tea', 350), ('bread', 240)`);
owner.close();

const database = new Database(file, { readonly: true, fileMustExist: true });
const MOST_ROWS = 1_000;

/** Rows as lists; raises what SQLite says. */
function query(sql, ...values) {
  const statement = database.prepare(sql);
  if (!statement.reader) throw new Error("only queries");
  const rows = [];
  for (const row of statement.raw().iterate(...values)) {
    if (rows.length === MOST_ROWS) throw new Error(`more than ${MOST_ROWS} rows`);
    rows.push(row);
  }
  return rows;
}

const sandbox = await Sandbox.create({ modules: { db: { query } }, hostCallFuel: 10_000 });
const show = ({ status, value, error }) => console.log(status, status === "ok" ? JSON.stringify(value) : error.message);

const totals = "select item, sum(cents) from orders group by item order by 2 desc";
show(await sandbox.run(`import db\n{item: cents / 100 for item, cents in db.query("${totals}")}`));
show(await sandbox.run("db.query('select count(*) from orders where cents > ?', 100)[0][0]"));
show(await sandbox.run("db.query('delete from orders')"));
show(await sandbox.run("db.query('with recursive n(i) as (select 1 union all select i + 1 from n) select i from n')"));
show(await sandbox.run("while True: db.query('select 1')", { fuel: 1_000_000 }));
console.log(database.prepare("select count(*) from orders").pluck().get(), "orders");
