/** <data-grid src="rows.json" data-name="flights">: the first rows of a dataset; only what is in sight is drawn. */
import { getHtml, getJson } from "../frame/http.ts";
import { put } from "../frame/htmx.ts";

interface Column {
  name: string;
  type: string;
  meaning: string;
  description: string;
  missing: number;
}

type Cell = string | number | boolean | null;

interface Sample {
  computed_at: string;
  columns: Column[];
  total: number;
  cells: Cell[][];
}

const HEIGHT = 28;
const MARGIN = 12;
const NUMERIC = new Set(["tinyint", "smallint", "int", "bigint", "float", "double"]);

/** Whole numbers too large for a browser come as texts. */
const WHOLE = /^-?\d+$/;

function made(tag: string, className = "", text = ""): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function words(cell: Cell): string {
  if (cell === null) return "";
  return typeof cell === "number" && !Number.isInteger(cell) ? rounded(cell) : String(cell);
}

/** Eight digits, and never fewer than stand before the point. */
function rounded(cell: number): string {
  const whole = Math.floor(Math.log10(Math.abs(cell))) + 1;
  return String(Number(cell.toPrecision(Math.min(17, Math.max(8, whole + 2)))));
}

class DataGrid extends HTMLElement {
  #sample: Sample = { computed_at: "", total: 0, columns: [], cells: [] };
  #rows: Cell[][] = [];
  #shown: Cell[][] = [];
  #hidden = new Set<string>();
  #sort: { column: number; down: boolean } | undefined;
  #holder = made("div", "grid-holder");
  #body = made("tbody");
  #note = made("p", "muted small");
  #find = document.createElement("input");

  connectedCallback(): void {
    const kept = localStorage.getItem(this.#key);
    if (kept) this.#hidden = new Set(JSON.parse(kept) as string[]);
    void this.#load();
  }

  get #key(): string {
    return `penstock:grid:${this.getAttribute("src") ?? ""}`;
  }

  async #load(): Promise<void> {
    try {
      this.#sample = await getJson<Sample>(this.getAttribute("src") ?? "");
    } catch (error) {
      this.replaceChildren(made("p", "notice error", String(error instanceof Error ? error.message : error)));
      return;
    }
    const { total, cells } = this.#sample;
    this.#rows = Array.from({ length: total }, (_, row) => cells.map((column) => column[row] ?? null));
    this.#find.type = "search";
    this.#find.className = "form-control grid-find";
    this.#find.placeholder = "Find in these rows …";
    this.#find.setAttribute("aria-label", "Find in these rows");
    this.#find.addEventListener("input", () => this.#arrange());
    const bar = made("div", "row-line mb-2");
    bar.append(this.#note, made("span", "grow"), this.#columnMenu(), this.#find);
    this.#holder.tabIndex = 0;
    this.#holder.setAttribute("role", "region");
    this.#holder.setAttribute("aria-label", `First rows of ${this.dataset["name"] ?? "the dataset"}`);
    this.#holder.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.replaceChildren(bar, this.#holder);
    this.#head();
    this.#arrange();
  }

  #columnMenu(): HTMLElement {
    const menu = made("details", "menu");
    const summary = made("summary", "btn", "Columns");
    const body = made("div", "menu-body end");
    for (const column of this.#sample.columns) {
      const label = made("label", "row-line");
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.className = "form-check-input";
      tick.checked = !this.#hidden.has(column.name);
      tick.addEventListener("change", () => {
        if (tick.checked) this.#hidden.delete(column.name);
        else this.#hidden.add(column.name);
        localStorage.setItem(this.#key, JSON.stringify([...this.#hidden]));
        this.#head();
        this.#draw();
      });
      label.append(tick, made("span", "", column.name));
      body.append(label);
    }
    menu.append(summary, body);
    return menu;
  }

  get #places(): number[] {
    return this.#sample.columns.flatMap((column, place) => (this.#hidden.has(column.name) ? [] : [place]));
  }

  #head(): void {
    const table = made("table", "table table-sm rows-grid");
    const row = made("tr");
    row.append(made("th", "num muted", "#"));
    for (const place of this.#places) row.append(this.#headCell(place));
    const head = made("thead");
    head.append(row);
    table.append(head, this.#body);
    this.#holder.replaceChildren(table);
  }

  #headCell(place: number): HTMLElement {
    const column = this.#sample.columns[place] as Column;
    const cell = made("th", NUMERIC.has(column.type) ? "num" : "");
    cell.title = [column.description, `${Math.round(column.missing * 100)} % of these rows are empty`].filter(Boolean).join("\n");
    const button = made("button", "grid-sort", column.name) as HTMLButtonElement;
    button.type = "button";
    const isSorted = this.#sort?.column === place;
    cell.setAttribute("aria-sort", isSorted ? (this.#sort?.down ? "descending" : "ascending") : "none");
    if (isSorted) button.append(made("span", "muted", this.#sort?.down ? " ↓" : " ↑"));
    button.addEventListener("click", () => {
      this.#sort = isSorted && this.#sort?.down ? undefined : { column: place, down: isSorted };
      this.#head();
      this.#arrange();
    });
    if (this.dataset["analyse"]) cell.append(this.#analyser(column.name));
    const filled = document.createElement("progress");
    filled.className = "meter";
    filled.max = 1;
    filled.value = 1 - column.missing;
    cell.prepend(button);
    cell.append(made("div", "muted small", column.meaning || column.type), filled);
    return cell;
  }

  /** A button that shows one column over all rows in the panel beside the grid. */
  #analyser(name: string): HTMLElement {
    const button = made("button", "grid-analyse", "▾") as HTMLButtonElement;
    button.type = "button";
    button.title = `${name} over all rows`;
    button.setAttribute("aria-label", `${name} over all rows`);
    button.addEventListener("click", () => void this.#analyse(name));
    return button;
  }

  async #analyse(name: string): Promise<void> {
    const panel = document.getElementById("column-panel");
    if (!panel) return;
    panel.replaceChildren(made("p", "muted", `Looking at every row of ${name} …`));
    try {
      put(panel, await getHtml(`${this.dataset["analyse"] ?? ""}?${new URLSearchParams({ name })}`));
    } catch (error) {
      panel.replaceChildren(made("p", "notice error", String(error instanceof Error ? error.message : error)));
    }
  }

  #arrange(): void {
    const wanted = this.#find.value.trim().toLowerCase();
    const found = wanted
      ? this.#rows.filter((row) => row.some((cell) => words(cell).toLowerCase().includes(wanted)))
      : [...this.#rows];
    if (this.#sort) {
      const { column, down } = this.#sort;
      found.sort((a, b) => compared(a[column] ?? null, b[column] ?? null) * (down ? -1 : 1));
    }
    this.#shown = found;
    this.#holder.scrollTop = 0;
    const all = this.#rows.length.toLocaleString("en");
    const at = new Date(this.#sample.computed_at).toLocaleTimeString([], { hour12: false });
    this.#note.textContent = `${wanted ? `${found.length} of ` : ""}${all} rows (${this.dataset["words"] ?? "first rows"}), read at ${at}`;
    this.#draw();
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#holder.scrollTop / HEIGHT) - MARGIN);
    const sight = Math.ceil((this.#holder.clientHeight || 600) / HEIGHT) + 2 * MARGIN;
    const last = Math.min(this.#shown.length, first + sight);
    const places = this.#places;
    const rows = this.#shown.slice(first, last).map((row, i) => this.#row(row, first + i + 1, places));
    this.#body.replaceChildren(space(first * HEIGHT), ...rows, space((this.#shown.length - last) * HEIGHT));
  }

  #row(row: Cell[], number: number, places: number[]): HTMLElement {
    const line = made("tr");
    line.append(made("td", "num muted", String(number)));
    for (const place of places) {
      const cell = row[place] ?? null;
      const isNumber = NUMERIC.has(this.#sample.columns[place]?.type ?? "");
      const box = made("td", `${isNumber ? "num" : ""}${cell === null ? " grid-empty" : ""}`, words(cell));
      if (words(cell).length > 30) box.title = words(cell);
      line.append(box);
    }
    return line;
  }
}

function space(height: number): HTMLElement {
  const row = made("tr", "grid-space");
  row.style.height = `${height}px`;
  return row;
}

function compared(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (WHOLE.test(String(a)) && WHOLE.test(String(b))) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

customElements.define("data-grid", DataGrid);
