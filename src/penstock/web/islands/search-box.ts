/** <search-box data-project="KEY"> around a link to /search: `/` opens a field that finds while one types. */
import { getHtml } from "../frame/http.ts";

class SearchBox extends HTMLElement {
  #dialog: HTMLDialogElement | undefined;
  #asked: AbortController | undefined;
  #timer = 0;

  connectedCallback(): void {
    this.querySelector("a")?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#open();
    });
  }

  #open(): void {
    this.#dialog ??= this.#made();
    this.#dialog.showModal();
    this.#dialog.querySelector("input")?.select();
  }

  #made(): HTMLDialogElement {
    const dialog = document.createElement("dialog");
    dialog.className = "search-dialog";
    dialog.setAttribute("aria-label", "Search");
    const field = document.createElement("input");
    Object.assign(field, { type: "search", className: "form-control", placeholder: "Find by name, title, tag or description …" });
    field.setAttribute("aria-label", "Search");
    const found = document.createElement("div");
    found.className = "found";
    dialog.append(field, found);
    document.body.append(dialog);
    field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#find(field.value, found), 120);
    });
    dialog.addEventListener("keydown", (event) => this.#move(event, field, found));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    return dialog;
  }

  #move(event: KeyboardEvent, field: HTMLInputElement, found: HTMLElement): void {
    const links = [...found.querySelectorAll<HTMLElement>("a")];
    const here = links.indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") (links[here + 1] ?? links[0])?.focus();
    else if (event.key === "ArrowUp") (here > 0 ? links[here - 1] : field)?.focus();
    else if (event.key === "Enter" && here < 0) links[0]?.click();
    else return;
    event.preventDefault();
  }

  async #find(words: string, found: HTMLElement): Promise<void> {
    this.#asked?.abort();
    this.#asked = new AbortController();
    const query = new URLSearchParams({ q: words, project: this.dataset["project"] ?? "" });
    try {
      found.innerHTML = words.trim() ? await getHtml(`/search?${query}`, this.#asked.signal) : "";
    } catch (error) {
      if (!(error instanceof DOMException)) found.textContent = String(error);
    }
  }
}

customElements.define("search-box", SearchBox);
