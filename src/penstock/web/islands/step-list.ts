/**
 * <step-list> holds cards (steps, triggers or reporters of a scenario) on the left and the form of the chosen one on
 * the right, all in one form of the page. Cards are dragged, copied, pasted, added; their order is what is posted.
 */
import { post } from "../frame/http.ts";
import htmx from "../frame/htmx.ts";

const KEPT = "penstock-copied-";

class StepList extends HTMLElement {
  #dragged: HTMLElement | undefined;
  #waiting = new Map<string, number>();

  connectedCallback(): void {
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("change", (event) => this.#changed(event));
    this.addEventListener("dragstart", (event) => this.#lift(event));
    this.addEventListener("dragover", (event) => this.#move(event));
    this.addEventListener("dragend", () => this.#drop());
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  get #family(): string {
    return this.dataset["family"] ?? "steps";
  }

  get #cards(): HTMLElement {
    return this.querySelector<HTMLElement>(".step-cards")!;
  }

  #card(number: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`.step-card[data-step="${number}"]`);
  }

  #body(number: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(`.step-body[data-step="${number}"]`);
  }

  #clicked(event: Event): void {
    const target = event.target as Element;
    const kind = target.closest<HTMLElement>("[data-add-kind]")?.dataset["addKind"];
    if (kind) {
      event.preventDefault();
      void this.#add({ type: kind });
      return;
    }
    const word = target.closest<HTMLElement>("[data-do]")?.dataset["do"];
    const card = target.closest<HTMLElement>(".step-card");
    if (word === "paste") void this.#paste();
    if (!word || !card) return;
    void this.#act(card, word);
  }

  async #act(card: HTMLElement, word: string): Promise<void> {
    const number = card.dataset["step"] ?? "";
    if (word === "open") this.#open(number);
    if (word === "up") card.previousElementSibling?.before(card);
    if (word === "down") card.nextElementSibling?.after(card);
    if (word === "remove") this.#remove(card, number);
    if (word === "switch") this.#switch(number);
    if (word === "copy") await this.#copy(number);
    if (word === "twice") await this.#add({ values: await this.#values(number, true) }, card);
    if (["up", "down", "remove"].includes(word)) this.#touched();
  }

  #open(number: string): void {
    for (const card of this.querySelectorAll<HTMLElement>(".step-card")) {
      const on = card.dataset["step"] === number;
      card.classList.toggle("chosen", on);
      card.querySelector("[data-do=open]")?.setAttribute("aria-expanded", String(on));
    }
    for (const body of this.querySelectorAll<HTMLElement>(".step-body")) body.hidden = body.dataset["step"] !== number;
  }

  #remove(card: HTMLElement, number: string): void {
    const next = (card.nextElementSibling ?? card.previousElementSibling) as HTMLElement | null;
    card.remove();
    this.#body(number)?.remove();
    if (next && card.classList.contains("chosen")) this.#open(next.dataset["step"] ?? "");
  }

  #switch(number: string): void {
    const name = this.#family === "steps" ? "enabled" : "active";
    const box = this.#body(number)?.querySelector<HTMLInputElement>(`input[type=checkbox][name="${this.#family}.${number}.${name}"]`);
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The form of a card as plain values, as they stand in YAML. */
  async #values(number: string, renamed = false): Promise<string> {
    const values = (await (await this.#ask(number, { as: "values" })).json()) as Record<string, unknown>;
    if (renamed && typeof values["name"] === "string" && values["name"]) values["name"] = this.#free(values["name"]);
    return JSON.stringify(values);
  }

  #names(): string[] {
    const fields = this.querySelectorAll<HTMLInputElement>(`.step-body input[name^="${this.#family}."][name$=".name"]`);
    return [...fields].map((field) => field.value);
  }

  /** A name that no card has yet: `Build 2`. */
  #free(name: string): string {
    const taken = new Set(this.#names());
    const stem = name.replace(/ \d+$/, "");
    let number = 2;
    while (taken.has(`${stem} ${number}`)) number += 1;
    return taken.has(name) ? `${stem} ${number}` : name;
  }

  async #copy(number: string): Promise<void> {
    const text = await this.#values(number);
    localStorage.setItem(KEPT + this.#family, text);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // without the right to the clipboard it is kept for this browser only
    }
    this.#say("success", "Copied. Paste it here or in another scenario.");
  }

  async #paste(): Promise<void> {
    let text = localStorage.getItem(KEPT + this.#family) ?? "";
    try {
      const clip = (await navigator.clipboard.readText()).trim();
      if (clip.startsWith("{")) text = clip;
    } catch {
      // what was copied in this browser is taken
    }
    if (!text) return this.#say("info", "Nothing was copied yet: copy one by the menu of its card.");
    const values = this.#parsed(text);
    if (values && typeof values["name"] === "string" && values["name"]) values["name"] = this.#free(values["name"]);
    await this.#add({ values: values ? JSON.stringify(values) : text });
  }

  #parsed(text: string): Record<string, unknown> | undefined {
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }

  async #add(words: Record<string, string>, after?: HTMLElement): Promise<void> {
    const numbers = [...this.querySelectorAll<HTMLElement>("[data-step]")].map((e) => Number(e.dataset["step"]));
    const number = String(Math.max(-1, ...numbers) + 1);
    try {
      const response = await post(this.dataset["pieces"] ?? "", new URLSearchParams({ ...words, number, taken: this.#names().join("\n") }));
      const [card, body] = this.#parts(await response.text());
      if (!card || !body) return;
      if (after) after.after(card);
      else this.#cards.append(card);
      this.querySelector(".step-bodies")?.append(body);
      for (const made of [card, body]) htmx.process(made);
      body.dispatchEvent(new Event("htmx:load", { bubbles: true }));
      this.closest("form")?.querySelector(".empty-state")?.remove();
      this.#open(number);
      body.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
      this.#touched();
    } catch (error) {
      this.#say("error", (error as Error).message);
    }
  }

  #parts(html: string): HTMLElement[] {
    const holder = document.createElement("div");
    holder.innerHTML = html;
    return [...holder.children] as HTMLElement[];
  }

  #ask(number: string, words: Record<string, string>): Promise<Response> {
    const form = new FormData(this.closest("form") ?? undefined);
    const body = new URLSearchParams({ ...words, number });
    for (const [name, value] of form) {
      if (typeof value === "string" && name.startsWith(`${this.#family}.${number}.`)) body.append(name, value);
    }
    return post(this.dataset["pieces"] ?? "", body);
  }

  /** What a card says follows its form. */
  #changed(event: Event): void {
    const number = (event.target as Element).closest<HTMLElement>(".step-body")?.dataset["step"];
    if (!number) return;
    clearTimeout(this.#waiting.get(number));
    this.#waiting.set(number, window.setTimeout(() => void this.#refresh(number), 250));
  }

  async #refresh(number: string): Promise<void> {
    const response = await this.#ask(number, { as: "card" }).catch(() => undefined);
    const [fresh] = response ? this.#parts(await response.text()) : [];
    const card = this.#card(number);
    if (!fresh || !card || card.contains(document.activeElement)) return;
    fresh.classList.toggle("chosen", card.classList.contains("chosen"));
    card.replaceWith(fresh);
    htmx.process(fresh);
  }

  #lift(event: DragEvent): void {
    const card = (event.target as Element).closest<HTMLElement>(".step-card");
    if (!card) return;
    this.#dragged = card;
    card.classList.add("dragged");
    event.dataTransfer?.setData("text/plain", card.dataset["step"] ?? "");
  }

  #move(event: DragEvent): void {
    const over = (event.target as Element).closest<HTMLElement>(".step-card");
    if (!this.#dragged || !over || over.parentElement !== this.#cards) return;
    event.preventDefault();
    if (over === this.#dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY > box.top + box.height / 2 ? "after" : "before"](this.#dragged);
  }

  #drop(): void {
    if (!this.#dragged) return;
    this.#dragged.classList.remove("dragged");
    this.#dragged = undefined;
    this.#touched();
  }

  /** Alt with an arrow moves the card that has the focus. */
  #key(event: KeyboardEvent): void {
    const card = (event.target as Element).closest<HTMLElement>(".step-card");
    if (!card || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "ArrowUp") card.previousElementSibling?.before(card);
    else card.nextElementSibling?.after(card);
    card.querySelector<HTMLElement>("[data-do=open]")?.focus();
    this.#touched();
  }

  #touched(): void {
    const form = this.closest("form");
    if (form) form.dataset["changed"] = "yes";
  }

  #say(level: string, text: string): void {
    document.dispatchEvent(new CustomEvent("penstock:toast", { detail: { level, text } }));
  }
}

customElements.define("step-list", StepList);
