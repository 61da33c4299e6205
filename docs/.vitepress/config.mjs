// The site. Its pages are written to dist/pages by build.ts.
import { existsSync, readdirSync } from "node:fs";
import { renderMermaidSVG } from "beautiful-mermaid";

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

/**
 * Diagrams are drawn while the site is built, in its own colours, so that they follow dark and light. The library asks
 * Google for a font; pages of ours ask nobody for anything.
 */
const drawn = (source) =>
  renderMermaidSVG(source, { bg: "var(--vp-c-bg)", fg: "var(--vp-c-text-1)", transparent: true })
    .replace(/@import url\([^)]*\);/g, "")
    .replace('style="', 'style="max-width: 100%; height: auto; ');

const drawMermaid = (markdown) => {
  const fence = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, i, ...rest) => {
    if (tokens[i].info.trim() !== "mermaid") return fence(tokens, i, ...rest);
    // By v-html, since templates of Vue may not hold the picture's <style>.
    const html = markdown.utils.escapeHtml(JSON.stringify(drawn(tokens[i].content)));
    return `<div class="diagram" v-html="${html}"></div>`;
  };
};

export default {
  title: "Escapement",
  description: "WebAssembly in TypeScript: exact fuel, hard limits, pauses anywhere. Python as a sandbox.",
  head: [["link", { rel: "icon", href: "/icon.svg" }]],
  srcDir: "dist/pages",
  outDir: "dist/site",
  cacheDir: "dist/cache",
  cleanUrls: true,
  markdown: { anchor: { slugify }, config: drawMermaid },
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
