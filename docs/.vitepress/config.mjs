// The site. Its pages are written to dist/pages by build.ts.
import { existsSync, readdirSync } from "node:fs";

const names = (folder) => {
  const place = new URL(`../dist/pages/${folder}`, import.meta.url);
  return existsSync(place)
    ? readdirSync(place, { recursive: true })
        .filter((name) => name.endsWith(".md"))
        .sort()
    : [];
};
/** As GitHub makes anchors, so that the repository's links hold on the site. */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
const words = (file) =>
  file
    .replace(/\.md$/, "")
    .replaceAll("-", " ")
    .replace(/^./, (c) => c.toUpperCase());

export default {
  title: "Escapement",
  description: "WebAssembly in TypeScript: exact fuel, hard limits, pauses anywhere. Python as a sandbox.",
  srcDir: "dist/pages",
  outDir: "dist/site",
  cacheDir: "dist/cache",
  cleanUrls: true,
  markdown: { anchor: { slugify } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Start", link: "/" },
      { text: "Guides", link: "/guides/untrusted-python" },
      { text: "Python", link: "/python" },
      { text: "Reference", link: "/reference/" },
      { text: "Architecture", link: "/architecture" },
    ],
    sidebar: [
      { text: "Start", link: "/" },
      {
        text: "Guides",
        items: [
          { text: "Run untrusted Python", link: "/guides/untrusted-python" },
          { text: "Give it to an agent", link: "/guides/agents" },
          { text: "Meter any module", link: "/guides/meter-wasm" },
          { text: "Test your own engine", link: "/guides/test-your-engine" },
          { text: "Verify a run", link: "/guides/verify-a-run" },
        ],
      },
      { text: "Python sandbox", link: "/python" },
      { text: "What engines say", link: "/engines" },
      { text: "Programs from npm", link: "/programs" },
      { text: "Conformance harness", link: "/conformance" },
      {
        text: "Examples",
        collapsed: true,
        items: names("examples").map((name) => ({ text: words(name), link: `/examples/${name.replace(/\.md$/, "")}` })),
      },
      {
        text: "Reference",
        collapsed: true,
        items: names("reference")
          .filter((name) => name !== "index.md")
          .map((name) => ({ text: name.replace(/\.md$/, ""), link: `/reference/${name.replace(/\.md$/, "")}` })),
      },
      { text: "Architecture", link: "/architecture" },
      { text: "Contributing", link: "/contributing" },
      { text: "Security", link: "/security" },
      { text: "Findings", link: "/findings" },
      { text: "Changelog", link: "/changelog" },
    ],
  },
};
