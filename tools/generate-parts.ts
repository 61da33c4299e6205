// Parts of micropython-wasm/patch/, assembled, as files of TypeScript.
import wabt from "wabt";

const BASE64_COLUMNS = 116;

/** @param name of the part: NAME.wat, whose text `source` is */
export async function generatePart(name: string, source: string): Promise<string> {
  const parsed = (await wabt()).parseWat(`${name}.wat`, source);
  parsed.validate();
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const text = Buffer.from(buffer).toString("base64");
  const lines = text.match(new RegExp(`.{1,${BASE64_COLUMNS}}`, "g")) ?? [];
  return `// Written by \`npm run generate\` from ${name}.wat, assembled: ${buffer.length} bytes.
export const ${name.toUpperCase()}_BASE64 =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
}
