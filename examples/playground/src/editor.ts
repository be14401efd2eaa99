// The editor: CodeMirror with TypeScript's syntax, the compiler's mistakes as marks while the reader writes, and a mark
// for what failed when it ran. Colours are the style sheet's, so that both schemes need no code.
import { javascript } from "@codemirror/lang-javascript";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import { linter, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import type { Mistake, Place } from "./compile.ts";

const colours = HighlightStyle.define([
  {
    tag: [
      tags.keyword,
      tags.operatorKeyword,
      tags.modifier,
      tags.controlKeyword,
      tags.definitionKeyword,
      tags.moduleKeyword,
    ],
    color: "var(--code-keyword)",
  },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className, tags.definition(tags.typeName)], color: "var(--code-type)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
  { tag: [tags.propertyName], color: "var(--code-property)" },
  { tag: [tags.operator, tags.punctuation, tags.bracket, tags.separator], color: "var(--code-punctuation)" },
]);

const looks = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--rust)", padding: "0.75rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--rust)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--wash)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--selection)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--selection)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "none" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--rust)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--rust) 1px",
    textUnderlineOffset: "3px",
  },
});

/** What the page does with the editor. */
export interface Editor {
  code(): string;
  replace(code: string): void;
  /** Marks a place where the program failed, until the next change. */
  mark(place: Place, message: string): void;
  /** Moves the cursor there. */
  go(place: Place): void;
  /** Looks for mistakes again: what is exported is known now. */
  check(): void;
}

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly run: () => void;
  readonly changed: () => void;
  readonly mistakes: (code: string) => readonly Mistake[];
}

/** Makes the editor. */
export function createEditor({ parent, run, changed, mistakes }: EditorOptions): Editor {
  /** Where this text failed when it ran. */
  let failed: Diagnostic | null = null;
  const marksOf = ({ doc }: EditorState): Diagnostic[] => {
    const found = mistakes(doc.toString()).map(({ from, to, message }): Diagnostic => ({
      from,
      to,
      message,
      severity: "error",
    }));
    // the linter looks some time after a change, which may be after the program has run and failed
    return failed === null ? found : [...found, failed];
  };
  const extensions = [
    Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
    basicSetup,
    javascript({ typescript: true }),
    syntaxHighlighting(colours),
    looks,
    lintGutter(),
    linter((view) => marksOf(view.state), { delay: 400 }),
    EditorView.contentAttributes.of({ "aria-label": "Program", "data-gramm": "false" }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      failed = null;
      changed();
    }),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ extensions }) });
  const lineOf = ({ line }: Place) => view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
  return {
    code: () => view.state.doc.toString(),
    replace: (code) => {
      failed = null;
      view.setState(EditorState.create({ doc: code, extensions }));
    },
    mark: (place, message) => {
      const line = lineOf(place);
      const from = Math.min(line.from + Math.max(0, line.text.search(/\S/)), line.to);
      failed = { from, to: line.to, message, severity: "error" };
      view.dispatch(setDiagnostics(view.state, [failed]));
    },
    go: (place) => {
      const line = lineOf(place);
      view.dispatch({ selection: { anchor: Math.min(line.from + place.column - 1, line.to) }, scrollIntoView: true });
      view.focus();
    },
    check: () => view.dispatch(setDiagnostics(view.state, marksOf(view.state))),
  };
}
