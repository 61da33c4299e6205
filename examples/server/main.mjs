// Python over HTTP, a session for each user: `node main.mjs [PORT]` in a folder where `npm install escapement` was run.
import { createServer } from "node:http";
import { Sandbox } from "escapement/python";

const USERS = new Set(["ann", "ben"]); // tokens: look them up in your database
const LIMITS = { fuel: 20_000_000, sessionFuel: 1_000_000_000, memory: "32MiB", outputBytes: 20_000, timeout: 5_000 };
const MOST_CODE = 100_000;

/** user → a promise of the session, so that two requests at once make one */
const sessions = new Map();
function sessionOf(user) {
  if (!sessions.has(user)) sessions.set(user, Sandbox.create(LIMITS));
  return sessions.get(user);
}

async function bodyOf(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > MOST_CODE) return undefined;
  }
  return body;
}

async function answer(request, response) {
  const send = (status, value) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  const [, user] = /^Bearer (\w+)$/.exec(request.headers.authorization ?? "") ?? [];
  if (!USERS.has(user)) return send(401, { error: "no such user" });
  if (request.method !== "POST" || request.url !== "/run") return send(404, { error: "POST /run" });
  const code = await bodyOf(request);
  if (code === undefined) return send(413, { error: `a program has at most ${MOST_CODE} characters` });
  const sandbox = await sessionOf(user);
  const { status, stdout, value, error, fuel } = await sandbox.run(code);
  const shown = typeof value === "bigint" ? String(value) : value;
  send(200, { status, stdout, value: shown, error: error?.message, fuelUsed: fuel.used });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
server.listen(Number(process.argv[2] ?? 8080), () => console.log(`http://localhost:${server.address().port}/run`));
