// The editor of Python. It lies in a shadow root: there its styles are sheets of its own, which the page's policy
// allows; in the page itself they would be style elements, which it does not.
import { python } from "@codemirror/lang-python";
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";

const stand = StateEffect.define<number | null>();

/** The line that the program stands at. */
const standing = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, { effects, docChanged, state }) {
    let next = docChanged ? Decoration.none : lines;
    for (const effect of effects) {
      if (!effect.is(stand)) continue;
      const line = effect.value;
      next =
        line === null || line > state.doc.lines
          ? Decoration.none
          : Decoration.set([Decoration.line({ class: "cm-standing" }).range(state.doc.line(line).from)]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const theme = EditorView.theme({
  "&": { color: "var(--ink)", minHeight: "16rem", maxHeight: "60vh" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace" },
  ".cm-content": { caretColor: "var(--ink)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  ".cm-standing": { boxShadow: "inset 4px 0 var(--changed)", backgroundColor: "light-dark(#fdebd8, #3a2a18)" },
  ".cm-line span": { color: "inherit" },
});

export class Editor {
  private readonly view: EditorView;

  constructor(parent: HTMLElement) {
    const root = parent.attachShadow({ mode: "open" });
    const label = EditorView.contentAttributes.of({ "aria-label": "Python program" });
    this.view = new EditorView({ root, parent: root, extensions: [basicSetup, python(), standing, theme, label] });
    // It scrolls, so the keyboard has to reach it.
    this.view.scrollDOM.tabIndex = 0;
  }

  get code(): string {
    return this.view.state.doc.toString();
  }
  set code(text: string) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /** Marks the line that the program stands at; null for none. */
  mark(line: number | null): void {
    this.view.dispatch({ effects: stand.of(line) });
  }
}
