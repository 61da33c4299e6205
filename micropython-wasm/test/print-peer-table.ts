// `npx tsx micropython-wasm/test/print-peer-table.ts`: prints the guide's table of the peer's behaviours.
import { outcomes, peerTable } from "./peer-behaviours.js";

console.log(peerTable(await outcomes()));
