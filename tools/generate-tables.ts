// tables.wat assembled, as a file of TypeScript.
import wabt from "wabt";

const BASE64_COLUMNS = 116;

/** @param source of micropython-wasm/patch/tables.wat */
export async function generateTables(source: string): Promise<string> {
  const parsed = (await wabt()).parseWat("tables.wat", source);
  parsed.validate();
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const text = Buffer.from(buffer).toString("base64");
  const lines = text.match(new RegExp(`.{1,${BASE64_COLUMNS}}`, "g")) ?? [];
  return `// Written by \`npm run generate\` from tables.wat, assembled: ${buffer.length} bytes.
export const TABLES_BASE64 =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}
