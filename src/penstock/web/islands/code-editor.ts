/**
 * <code-editor data-language="python"><textarea name="body">…</textarea></code-editor>: an editor that posts like the
 * field in it. It lives in a shadow root, so that its styles need no exception from the page's policy. Completions
 * come from data-words (a JSON list). The field hears `input` when the text changes.
 */
import { autocompletion, completeFromList } from "@codemirror/autocomplete";
import { indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { markdown } from "@codemirror/lang-markdown";
import { python } from "@codemirror/lang-python";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { indentUnit } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { oneDark } from "@codemirror/theme-one-dark";
import { EditorView, keymap } from "@codemirror/view";
import { basicSetup } from "codemirror";

const LANGUAGES: Record<string, () => Extension> = {
  python: () => python(),
  sql: () => sql({ dialect: PostgreSQL }),
  json: () => json(),
  yaml: () => yaml(),
  markdown: () => markdown(),
};
const look = EditorView.theme({
  "&": { fontSize: "13px", maxHeight: "70vh" },
  ".cm-scroller": { fontFamily: "ui-monospace, Menlo, Consolas, monospace", minHeight: "9rem" },
});

class CodeEditor extends HTMLElement {
  view: EditorView | undefined;
  #theme = new Compartment();
  #repaint = (): void => this.view?.dispatch({ effects: this.#theme.reconfigure(this.#colours()) });

  connectedCallback(): void {
    const field = this.querySelector("textarea");
    if (!field || this.view) return;
    document.addEventListener("penstock:theme", this.#repaint);
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    this.view = new EditorView({ parent: root, root, state: this.#state(field) });
    field.hidden = true;
    root.append(document.createElement("slot"));
    const label = field.getAttribute("aria-label") ?? document.querySelector(`label[for="${CSS.escape(field.id)}"]`)?.textContent;
    this.view.contentDOM.setAttribute("aria-label", label ?? "Code");
  }

  disconnectedCallback(): void {
    document.removeEventListener("penstock:theme", this.#repaint);
    this.view?.destroy();
    this.view = undefined;
  }

  /** The text; setting it keeps the field in step. */
  get value(): string {
    return this.view?.state.doc.toString() ?? this.querySelector("textarea")?.value ?? "";
  }

  set value(text: string) {
    this.view?.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  #state(field: HTMLTextAreaElement): EditorState {
    const words = JSON.parse(this.dataset["words"] ?? "[]") as string[];
    const language = LANGUAGES[this.dataset["language"] ?? ""]?.() ?? [];
    return EditorState.create({
      doc: field.value,
      extensions: [
        basicSetup,
        keymap.of([indentWithTab]),
        indentUnit.of(this.dataset["language"] === "yaml" ? "  " : "    "),
        language,
        words.length ? EditorState.languageData.of(() => [{ autocomplete: completeFromList(words.map((label) => ({ label }))) }]) : [],
        autocompletion(),
        look,
        this.#theme.of(this.#colours()),
        EditorState.readOnly.of(field.readOnly || field.disabled),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          field.value = update.state.doc.toString();
          field.dispatchEvent(new Event("input", { bubbles: true }));
          field.dispatchEvent(new Event("change", { bubbles: true }));
        }),
      ],
    });
  }

  #colours(): Extension {
    return this.closest("[data-bs-theme]")?.getAttribute("data-bs-theme") === "dark" ? oneDark : [];
  }
}

customElements.define("code-editor", CodeEditor);
