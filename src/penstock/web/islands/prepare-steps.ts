/**
 * <prepare-steps data-rows="…" data-new="…">: the steps of Prepare beside the rows they make. Whatever is changed in
 * the form is computed by the server on a sample; the answer also says which step is wrong, and what each is called.
 */
import { renumber } from "../frame/forms.ts";
import { post } from "../frame/http.ts";
import { put } from "../frame/htmx.ts";

interface Told {
  title: string;
  error: string;
  columns: string[];
}

const PAUSE = 350;

class PrepareSteps extends HTMLElement {
  #after: number | undefined;
  #told: Told[] = [];
  #timer = 0;
  #asked = 0;
  #dialog: HTMLDialogElement | null = null;
  #click = (event: Event): void => this.#choose(event);

  connectedCallback(): void {
    this.#dialog = document.querySelector("#add-step");
    this.addEventListener("input", (event) => this.#typed(event));
    this.addEventListener("change", (event) => this.#typed(event));
    this.addEventListener("focusin", (event) => this.#offer(event.target as Element));
    this.addEventListener("toggle", (event) => this.#place(event), true);
    document.addEventListener("click", this.#click);
    this.#dialog?.addEventListener("input", () => this.#find());
    this.#dialog?.addEventListener("keydown", (event) => this.#move(event));
    this.#one(this);
    void this.#compute();
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.#click);
    clearTimeout(this.#timer);
  }

  get #form(): HTMLFormElement {
    return this.closest("form") as HTMLFormElement;
  }

  get #list(): HTMLElement {
    return this.querySelector("[data-list=steps]") as HTMLElement;
  }

  get #rows(): HTMLElement {
    return this.querySelector(".prepare-rows") as HTMLElement;
  }

  get #steps(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>(":scope > .step")];
  }

  #typed(event: Event): void {
    const field = event.target as HTMLInputElement;
    if (field !== this.#list && !field.name) return;
    this.#later();
  }

  #later(): void {
    this.#form.dataset["changed"] = "yes";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#compute(), PAUSE);
  }

  async #compute(): Promise<void> {
    const asked = ++this.#asked;
    const body = new FormData(this.#form);
    body.delete("after");
    if (this.#after !== undefined) body.set("after", String(this.#after));
    this.#rows.firstElementChild?.classList.add("waiting");
    try {
      const html = await (await post(this.dataset["rows"] ?? "", body)).text();
      if (asked !== this.#asked || !this.isConnected) return;
      const scrolled = this.#rows.querySelector(".grid-holder")?.scrollLeft ?? 0;
      put(this.#rows, html);
      const holder = this.#rows.querySelector(".grid-holder");
      if (holder) holder.scrollLeft = scrolled;
      this.#tell();
    } catch (error) {
      if (asked !== this.#asked) return;
      const said = document.createElement("p");
      said.className = "notice error";
      said.textContent = error instanceof Error ? error.message : String(error);
      this.#rows.replaceChildren(said);
    }
  }

  /** What the server said of each step. */
  #tell(): void {
    const answer = this.#rows.querySelector<HTMLElement>(".prepared");
    this.#told = JSON.parse(answer?.dataset["steps"] ?? "[]") as Told[];
    const shown = Number(answer?.dataset["after"] ?? "0");
    this.#steps.forEach((step, place) => {
      const told = this.#told[place];
      const title = step.querySelector(".step-title");
      if (told && title) title.textContent = told.title;
      const wrong = step.querySelector<HTMLElement>(".step-wrong");
      if (wrong) {
        wrong.textContent = told?.error ?? "";
        wrong.hidden = !told?.error;
      }
      step.classList.toggle("bad", Boolean(told?.error));
      step.classList.toggle("seen", place + 1 === shown && this.#after !== undefined);
      step.classList.toggle("later", place + 1 > shown);
      step.querySelector("[data-step=see]")?.setAttribute("aria-pressed", String(this.#after === place + 1));
    });
  }

  /** Suggestions of columns are those that the steps before leave. */
  #offer(element: Element): void {
    const step = element.closest<HTMLElement>(".step");
    const list = document.querySelector("#offer-column");
    const columns = step ? this.#told[this.#steps.indexOf(step)]?.columns : undefined;
    if (!list || !columns) return;
    list.replaceChildren(...columns.map((name) => Object.assign(document.createElement("option"), { value: name })));
  }

  /** Each drawn step brings its lists of suggestions; one of each is enough. */
  #one(around: Element): void {
    for (const list of around.querySelectorAll("datalist")) {
      const first = document.querySelector(`datalist[id="${list.id}"]`);
      if (first !== list) list.remove();
      else if (list.closest(".step")) this.prepend(list);
    }
  }

  #choose(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>("[data-propose], [data-step]");
    if (!button || !(this.contains(button) || this.#dialog?.contains(button))) return;
    const step = button.closest<HTMLElement>(".step");
    const proposed = button.dataset["propose"];
    if (proposed) {
      button.closest<HTMLElement>("[popover]")?.hidePopover();
      this.#dialog?.close();
      const body = new FormData();
      body.set("values", proposed);
      void this.#add(body);
    } else if (step) this.#act(step, button.dataset["step"] ?? "");
  }

  #act(step: HTMLElement, action: string): void {
    const place = this.#steps.indexOf(step);
    if (action === "see") {
      this.#after = this.#after === place + 1 ? undefined : place + 1;
      void this.#compute();
    } else if (action === "switch") {
      const off = step.querySelector<HTMLInputElement>("[data-off]");
      if (off) off.value = off.value === "yes" ? "no" : "yes";
      step.classList.toggle("off", off?.value === "yes");
      step.querySelector("[data-step=switch]")?.setAttribute("aria-pressed", String(off?.value !== "yes"));
      this.#later();
    } else if (action === "copy") {
      const body = new FormData(this.#form);
      body.set("from", String(place));
      void this.#add(body, step);
    }
  }

  /** A new step, drawn by the server, after another one, after the one whose rows are seen, or at the end. */
  async #add(body: FormData, behind?: HTMLElement): Promise<void> {
    const before = behind ?? (this.#after === undefined ? undefined : this.#steps[this.#after - 1]);
    const place = this.#steps.length;
    const shown = [...this.#rows.querySelectorAll<HTMLElement>("th .grid-sort")].map((head) => head.textContent.trim());
    body.delete("columns");
    for (const column of this.#told[before ? this.#steps.indexOf(before) : -1]?.columns ?? shown) body.append("columns", column);
    body.set("index", String(place));
    const html = await (await post(this.dataset["new"] ?? "", body)).text();
    const holder = document.createElement("div");
    put(holder, html);
    const made = holder.querySelector<HTMLElement>(".step");
    if (!made) return;
    for (const other of this.#list.querySelectorAll<HTMLDetailsElement>(".step > div > details[open]")) other.open = false;
    if (before) before.after(made);
    else this.#list.append(made);
    this.#one(made);
    if (this.#after !== undefined) this.#after = this.#steps.indexOf(made) + 1;
    renumber(this.#list);
    made.querySelector<HTMLElement>(".kind-form input:not([type=hidden]), .kind-form select")?.focus();
    made.scrollIntoView({ block: "nearest" });
  }

  /** The menu of a column opens below its head. */
  #place(event: Event): void {
    const menu = event.target as HTMLElement;
    if (!menu.matches("[popover]:popover-open")) return;
    const head = this.querySelector<HTMLElement>(`[popovertarget="${menu.id}"]`)?.getBoundingClientRect();
    if (!head) return;
    menu.style.left = `${Math.max(8, Math.min(head.left, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(head.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`;
  }

  get #offers(): HTMLElement[] {
    return [...(this.#dialog?.querySelectorAll<HTMLElement>(".processors button") ?? [])];
  }

  /** Those whose name has the words come before those that only speak of them. */
  #find(): void {
    const wanted = (this.#dialog?.querySelector<HTMLInputElement>("[data-find]")?.value ?? "").trim().toLowerCase();
    const named = (offer: Element): boolean => offer.querySelector("strong")?.textContent.toLowerCase().includes(wanted) ?? false;
    const offers = this.#offers.sort((a, b) => Number(named(b)) - Number(named(a)));
    for (const offer of offers) {
      offer.hidden = !offer.textContent.toLowerCase().includes(wanted);
      offer.parentElement?.append(offer);
    }
  }

  #move(event: KeyboardEvent): void {
    const offers = this.#offers.filter((offer) => !offer.hidden);
    const here = offers.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Enter" && here < 0) offers[0]?.click();
    else if (event.key === "ArrowDown") (offers[here + 1] ?? offers[0])?.focus();
    else if (event.key === "ArrowUp") offers.at(Math.max(here, 0) - 1)?.focus();
    else return;
    event.preventDefault();
  }
}

customElements.define("prepare-steps", PrepareSteps);
