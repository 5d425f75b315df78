/**
 * Tables that sort themselves: <table class="table" data-sortable id="…">. Headings with data-sort ("text", "number",
 * "time") become buttons; a cell may carry data-value. The choice is remembered for each table.
 */
const arranged = new WeakSet<HTMLTableElement>();
const key = (table: HTMLTableElement): string => `sort:${location.pathname}:${table.id}`;

function valueOf(row: HTMLTableRowElement, column: number): string {
  const cell = row.cells[column];
  return cell?.dataset["value"] ?? cell?.textContent?.trim() ?? "";
}

function compare(a: string, b: string, sort: string): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  return sort === "number" ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true });
}

function sortBy(table: HTMLTableElement, column: number, down: boolean): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  const sort = heads[column]?.dataset["sort"];
  const body = table.tBodies[0];
  if (!sort || !body) return;
  heads.forEach((head, i) => (head.dataset["sort"] ? head.setAttribute("aria-sort", i === column ? (down ? "descending" : "ascending") : "none") : 0));
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row, column) }));
  const empty = (value: string): boolean => value === "";
  rows.sort((a, b) => compare(a.value, b.value, sort) * (down && !empty(a.value) && !empty(b.value) ? -1 : 1));
  body.append(...rows.map((r) => r.row));
}

export function arrangeTables(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>("table[data-sortable]")) {
    if (arranged.has(table)) continue;
    arranged.add(table);
    [...(table.tHead?.rows[0]?.cells ?? [])].forEach((head, column) => {
      if (!head.dataset["sort"]) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        sortBy(table, column, down);
        if (table.id) localStorage.setItem(key(table), JSON.stringify([column, down]));
      });
    });
    const kept = table.id ? localStorage.getItem(key(table)) : null;
    if (kept) sortBy(table, ...(JSON.parse(kept) as [number, boolean]));
  }
}
