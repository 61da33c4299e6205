// The pages of the site: the repository's own Markdown, whose links lead to one another on the site too.
import { posix } from "node:path";

/** Path in the repository → path on the site. */
export function pagesOf(files: readonly string[]): Map<string, string> {
  const pages = new Map([
    ["README.md", "index.md"],
    ["micropython-wasm/README.md", "python.md"],
    ["spec-tests/README.md", "conformance.md"],
    ["findings/README.md", "findings.md"],
    ["DESIGN.md", "architecture.md"],
    ["CONTRIBUTING.md", "contributing.md"],
    ["SECURITY.md", "security.md"],
    ["CODE_OF_CONDUCT.md", "code-of-conduct.md"],
    ["CHANGELOG.md", "changelog.md"],
  ]);
  for (const file of files) {
    const [, guide] = /^docs\/((?:guides\/)?[\w-]+\.md)$/.exec(file) ?? [];
    if (guide !== undefined) pages.set(file, guide);
    const [, example] = /^examples\/([\w-]+)\/README\.md$/.exec(file) ?? [];
    if (example !== undefined) pages.set(file, `examples/${example}.md`);
  }
  return pages;
}

/** Of files that pages show: where they lie on the site. */
const isPicture = (path: string): boolean => /\.(?:png|svg)$/.test(path);

export interface Page {
  readonly text: string;
  /** Pictures that it shows, by their paths in the repository. */
  readonly pictures: readonly string[];
}

/**
 * A page as the site has it.
 * @param path in the repository
 * @param pages of {@link pagesOf}
 */
export function pageFor(path: string, source: string, pages: ReadonlyMap<string, string>): Page {
  const pictures: string[] = [];
  const here = pages.get(path)!;
  const inCode = (text: string, change: (prose: string) => string) =>
    text
      .split(/(^```[\s\S]*?^```$|`[^`\n]+`)/gm)
      .map((part, i) => (i % 2 === 1 ? part : change(part)))
      .join("");
  // Links first: their texts may have code in them.
  const linked = source.replace(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (whole, picture, text, target) => {
    if (/^(?:https?:|mailto:|#)/.test(target)) return whole;
    const [file, anchor = ""] = target.split("#") as [string, string?];
    const found = posix.join(posix.dirname(path), file);
    if (picture === "!" || isPicture(found)) {
      pictures.push(found);
      return `${picture}[${text}](/${found})`;
    }
    const page = pages.get(found);
    // What is no page of the site is in the repository only.
    if (page === undefined) return text;
    const link = posix.relative(posix.dirname(here), page) || posix.basename(page);
    return `[${text}](${link.startsWith(".") ? link : `./${link}`}${anchor === "" ? "" : `#${anchor}`})`;
  });
  // Angle brackets and braces in prose would be elements and expressions of the site's own.
  const text = inCode(linked, (prose) =>
    prose.replace(/<(?!!--|\/?(?:br|kbd|sub|sup)\b|https?:)/g, "&lt;").replace(/\{\{/g, "{&#123;"),
  );
  return { text, pictures };
}
