// A task in a Node process of its own: the request comes on standard input, the answer goes out as JSON.
import { readFileSync } from "node:fs";
import { type Library, type Request, runTask } from "./tasks.js";

const { task, input, bundle, artifactName, artifact } = JSON.parse(readFileSync(0, "utf8")) as Request;
const library = (await import(bundle)) as Library;
const bytes = new Uint8Array(readFileSync(artifact));
const value = await runTask({ library, artifactName, artifact: bytes }, task, input);
process.stdout.write(JSON.stringify(value));
