// The script of a page that runs one of test/programs/, on this project's WebAssembly in the place of the host's.
import "../../dist/bundle/polyfill.js";
import * as micropython from "../programs/micropython.mjs";
import * as sql from "../programs/sql.mjs";
import * as wabt from "../programs/wabt.mjs";

const PROGRAMS = { micropython, sql, wabt };

const address = (path) => `/${path.split("/").at(-1)}`;

async function answer() {
  let lines = "";
  try {
    const { program } = await (await fetch(`/request${location.search}`)).json();
    await PROGRAMS[program].run({
      load: async (path) => new Uint8Array(await (await fetch(address(path))).arrayBuffer()),
      print: (...values) => {
        lines += `${values.join(" ")}\n`;
      },
      url: address,
    });
    return { value: lines };
  } catch (error) {
    return { error: `${error}\n${error?.stack}` };
  }
}

await fetch(`/reply${location.search}`, { method: "POST", body: JSON.stringify(await answer()) });
