// An application with plugins: `node main.mjs` in a folder where `npm install escapement` was run.
import { readdirSync, readFileSync } from "node:fs";
import { Sandbox } from "escapement/python";

const FOLDER = new URL("plugins/", import.meta.url);
const document = { title: "Notes", lines: ["milk", "tea"] };

/** What plugins may call. */
const functions = {
  get_lines: () => document.lines,
  add_line: (line) => {
    if (typeof line !== "string" || line.length > 80) throw new RangeError("a line is text of at most 80 characters");
    document.lines.push(line);
  },
};

const plugins = [];
for (const name of readdirSync(FOLDER).sort()) {
  const sandbox = await Sandbox.create({ functions, fuel: 5_000_000, memory: "24MiB" });
  const { status, error } = await sandbox.run(readFileSync(new URL(name, FOLDER), "utf8"));
  if (status === "ok") plugins.push({ name, sandbox });
  else console.log(`${name}: not loaded, ${error.message || status}`);
}

/** Tells every plugin of an event; one that does not answer within its means is switched off. */
async function emit(event, inputs) {
  for (const plugin of [...plugins]) {
    const { status, error, value } = await plugin.sandbox.run(
      `${event}(**event) if '${event}' in globals() else None`,
      { inputs: { event: inputs } },
    );
    if (status === "ok") console.log(`${plugin.name}: ${value}`);
    else {
      console.log(`${plugin.name}: switched off, ${status}${error.type ? `, ${error.type}` : ""}`);
      plugin.sandbox.close();
      plugins.splice(plugins.indexOf(plugin), 1);
    }
  }
}

await emit("on_save", { title: document.title });
await emit("on_save", { title: document.title });
console.log(document.lines.join(", "));
