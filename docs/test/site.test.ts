// How the repository's Markdown becomes pages, and its imports a picture.
import { describe, expect, test } from "vitest";
import { drawHouse } from "../house.js";
import { pageFor, pagesOf } from "../pages.js";

const pages = pagesOf(["docs/engines.md", "docs/guides/agents.md", "examples/sql/README.md", "docs/build.ts"]);

describe("links", () => {
  const linked = (path: string, text: string) => pageFor(path, text, pages).text;

  test.each([
    ["README.md", "[x](micropython-wasm/README.md#fuel)", "[x](./python.md#fuel)"],
    ["micropython-wasm/README.md", "[x](../DESIGN.md)", "[x](./architecture.md)"],
    ["docs/guides/agents.md", "[x](../../README.md#wasi)", "[x](../index.md#wasi)"],
    ["docs/guides/agents.md", "[x](../../examples/sql/README.md)", "[x](../examples/sql.md)"],
    ["examples/sql/README.md", "[x](../../docs/engines.md)", "[x](../engines.md)"],
    ["README.md", "[x](#fuel) [y](https://example.org/a.md)", "[x](#fuel) [y](https://example.org/a.md)"],
    // In the repository only.
    ["spec-tests/README.md", "[adapter.ts](adapter.ts)", "adapter.ts"],
  ])("of %s: %s", (path, source, expected) => {
    expect(linked(path, source)).toBe(expected);
  });

  test("pictures come along, under their own paths", () => {
    const { text, pictures } = pageFor("README.md", "![a chart](bench/results/kernels.svg)", pages);
    expect(text).toBe("![a chart](/bench/results/kernels.svg)");
    expect(pictures).toEqual(["bench/results/kernels.svg"]);
  });
});

test("prose makes no elements and no expressions of the site's, code stays as it is", () => {
  const source = "a <file> and {{ x }}, `<file> {{ x }}`\n```js\nif (a <b) {{ x }}\n```\n";
  expect(pageFor("README.md", source, pages).text).toBe(
    "a &lt;file> and {&#123; x }}, `<file> {{ x }}`\n```js\nif (a <b) {{ x }}\n```\n",
  );
});

test("the house has each part on its floor, and a line for each import downward", () => {
  const house = drawHouse(
    new Map([
      ["decoder/reader.ts", "export const x = 1;\n"],
      ["runtime/values.ts", 'import { x } from "../decoder/reader.js";\n'],
      ["runtime/store/memory.ts", 'import "../values.js";\nimport "../../decoder/reader.js";\n'],
    ]),
  );
  expect([...house.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title)).toEqual([
    "runtime imports decoder: 1",
    "runtime/store imports runtime: 1",
    "runtime/store imports decoder: 1",
    "runtime/store: 3 lines",
    "runtime: 2 lines",
    "decoder: 2 lines",
  ]);
  const y = (name: string) => Number(new RegExp(`<title>${name}: .*?y="(\\d+)"`).exec(house)![1]);
  expect(y("decoder")).toBeGreaterThan(y("runtime"));
  expect(y("runtime")).toBeGreaterThan(y("runtime/store"));
});
