// sql.js: some hundreds of statements, with functions and aggregates in JavaScript, errors, and a database that is
// written to bytes and read again.
import initSqlJs from "sql.js/dist/sql-wasm.js";

const SCHEMA = `
  CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born REAL);
  CREATE TABLE book(id INTEGER PRIMARY KEY, author INTEGER REFERENCES author(id), title TEXT, year INT, data BLOB);
  CREATE INDEX by_year ON book(year, title);
  CREATE VIEW old AS SELECT title, name FROM book JOIN author ON author.id = author WHERE year < 1950;
  CREATE TRIGGER stamp AFTER INSERT ON book WHEN new.title IS NULL
    BEGIN UPDATE book SET title = 'untitled ' || new.id WHERE id = new.id; END;`;

const QUERIES = [
  "SELECT sqlite_version() IS NOT NULL, typeof(1), typeof(1.5), typeof('a'), typeof(x'00'), typeof(NULL)",
  "SELECT count(*), min(year), max(year), avg(year), total(year), group_concat(DISTINCT author) FROM book",
  "SELECT name, count(*) AS books FROM author JOIN book ON author.id = author GROUP BY name HAVING books > 20 ORDER BY 2 DESC, 1",
  "SELECT * FROM old ORDER BY title LIMIT 5",
  "WITH RECURSIVE fib(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM fib WHERE b < 1e15) SELECT max(a), count(*) FROM fib",
  `WITH RECURSIVE xaxis(x) AS (VALUES(-2.0) UNION ALL SELECT x + 0.1 FROM xaxis WHERE x < 1.0),
     yaxis(y) AS (VALUES(-1.0) UNION ALL SELECT y + 0.2 FROM yaxis WHERE y < 1.0),
     m(iter, cx, cy, x, y) AS (SELECT 0, x, y, 0.0, 0.0 FROM xaxis, yaxis UNION ALL
       SELECT iter + 1, cx, cy, x * x - y * y + cx, 2.0 * x * y + cy FROM m WHERE (x * x + y * y) < 4.0 AND iter < 20),
     m2(iter, cx, cy) AS (SELECT max(iter), cx, cy FROM m GROUP BY cx, cy),
     a(t) AS (SELECT group_concat(substr(' .+*#', 1 + min(iter / 5, 4), 1), '') FROM m2 GROUP BY cy)
   SELECT group_concat(rtrim(t), x'0a') FROM a`,
  "SELECT year, sum(id) OVER (PARTITION BY author ORDER BY year ROWS 2 PRECEDING), rank() OVER (ORDER BY year) FROM book ORDER BY id LIMIT 8",
  'SELECT json_extract(\'{"a": [1, 2, {"b": "ü"}]}\', \'$.a[2].b\'), json_group_array(name) FROM author',
  "SELECT printf('%08.3f|%-6s|%x', 3.14159, 'ab', 255), upper('straße'), length('😀'), unicode('é'), hex('é')",
  "SELECT round(2.5), 7 / 2, 7 % 3, -7 / 2, 1e308 * 10, 0.1 + 0.2, 9223372036854775807, -9223372036854775808",
  "SELECT date('2024-02-29', '+1 year'), strftime('%j %W', '2025-12-31'), julianday('2000-01-01')",
  "SELECT title FROM book WHERE title LIKE 'the %9' ESCAPE '!' AND title GLOB '*[0-9]' ORDER BY title COLLATE NOCASE",
  "SELECT twice(id), longest(title) FROM book GROUP BY year % 7 ORDER BY 1",
  "SELECT b.title FROM book b WHERE EXISTS (SELECT 1 FROM book c WHERE c.author = b.author AND c.year = b.year + 1) ORDER BY b.id LIMIT 6",
  "EXPLAIN QUERY PLAN SELECT * FROM book WHERE year = 1930",
  "PRAGMA integrity_check",
];

const ERRORS = [
  "SELEC 1",
  "SELECT * FROM nowhere",
  "INSERT INTO author(name) VALUES('Author 1')",
  "INSERT INTO author(name) VALUES(NULL)",
  "SELECT fails()",
  "SELECT abs(-9223372036854775808)",
];

export async function run({ load, print }) {
  const SQL = await initSqlJs({ wasmBinary: await load("sql.js/dist/sql-wasm.wasm") });
  const db = new SQL.Database();
  const show = (sql) => {
    try {
      for (const { columns, values } of db.exec(sql)) print(columns.join("|"), JSON.stringify(values, plain));
    } catch (error) {
      print("error:", error.message);
    }
  };
  db.run(SCHEMA);
  db.create_function("twice", (x) => x * 2);
  db.create_function("fails", () => {
    throw new Error("in JavaScript");
  });
  db.create_aggregate("longest", {
    init: () => "",
    step: (state, text) => (text !== null && text.length > state.length ? text : state),
    finalize: (state) => state,
  });
  for (let i = 1; i <= 20; i++) db.run("INSERT INTO author(name, born) VALUES(?, ?)", [`Author ${i}`, 1850 + i * 1.5]);
  db.run("BEGIN");
  const insert = db.prepare("INSERT INTO book(author, title, year, data) VALUES($author, $title, $year, $data)");
  for (let i = 0; i < 300; i++) {
    const data = new Uint8Array(i % 40).map((_, at) => at * i);
    insert.run({
      $author: 1 + (i % 13),
      $title: i % 50 === 0 ? null : `The book ${i}`,
      $year: 1900 + ((i * 7919) % 120),
      $data: data,
    });
  }
  insert.free();
  db.run("COMMIT");
  for (const sql of [...QUERIES, ...ERRORS]) show(sql);
  db.exec("BEGIN; DELETE FROM book; ROLLBACK");
  show("SELECT count(*), sum(length(data)) FROM book");
  db.exec("DELETE FROM book WHERE id % 2; VACUUM");
  const bytes = db.export();
  print(
    bytes.length,
    bytes.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 7),
  );
  db.close();
  const again = new SQL.Database(bytes);
  const statement = again.prepare("SELECT id, title, data FROM book WHERE year BETWEEN ? AND ? ORDER BY id");
  statement.bind([1910, 1915]);
  while (statement.step()) print(JSON.stringify(statement.getAsObject(), plain));
  again.close();
}

const plain = (_, value) =>
  value instanceof Uint8Array ? [...value] : typeof value === "bigint" ? `${value}n` : value;
