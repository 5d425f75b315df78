/**
 * <dashboard-view>: a dashboard that is looked at. Arrow keys turn its pages; a click on a mark of a chart filters the
 * page by what the mark stands for (with Alt: by everything else); embedded pages are told the filters.
 */
class DashboardView extends HTMLElement {
  #keys = (event: KeyboardEvent): void => {
    const target = event.target as Element | null;
    if (event.altKey || event.ctrlKey || event.metaKey || target?.closest("input, textarea, select, [contenteditable], .tile-scroll")) return;
    const to = event.key === "ArrowRight" ? this.dataset["next"] : event.key === "ArrowLeft" ? this.dataset["before"] : undefined;
    if (to) location.href = to;
  };

  connectedCallback(): void {
    document.addEventListener("keydown", this.#keys);
    this.addEventListener("chart:point", this.#point);
    for (const frame of this.querySelectorAll("iframe")) frame.addEventListener("load", () => this.#tell(frame));
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#keys);
  }

  #point = (event: Event): void => {
    const column = (event.target as HTMLElement).dataset["column"];
    const filter = this.dataset["filter"];
    const detail = (event as CustomEvent<Record<string, unknown>>).detail;
    const value = detail["x"];
    if (!column || !filter || typeof value !== "string" || value === "others") return;
    const url = new URL(filter, location.href);
    url.searchParams.append("column", column);
    url.searchParams.append(`value.${column}`, value === "no value" ? "" : value);
    location.href = url.href;
  };

  /** Filters of the page as a message, the same as in its address. */
  #tell(frame: HTMLIFrameElement): void {
    const filters = new URL(location.href).searchParams.get("pageFilters") ?? "";
    frame.contentWindow?.postMessage({ type: "filters", filters }, "*");
  }
}

customElements.define("dashboard-view", DashboardView);
