/**
 * <vega-chart src="…"> or <vega-chart data-spec="…">: a Vega-Lite spec, drawn without eval, in the colours of the page,
 * as wide as its place; with `fill` as high as its place too. A click on a mark is told as `chart:point` with what the
 * mark shows.
 */
import embed, { type Result, type VisualizationSpec } from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";
import { getJson } from "../frame/http.ts";

type Spec = Record<string, unknown>;

function colours(dark: boolean): Spec {
  const ink = dark ? "#c8d0dc" : "#475467";
  const line = dark ? "#3a4250" : "#e4e7ec";
  const axis = { labelColor: ink, titleColor: ink, gridColor: line, domainColor: line, tickColor: line, titleFontWeight: 500 };
  return {
    background: "transparent",
    view: { stroke: "transparent" },
    font: "system-ui, sans-serif",
    axis,
    legend: { labelColor: ink, titleColor: ink, orient: "top", title: null },
    title: { color: ink, anchor: "start", fontSize: 13 },
    header: { labelColor: ink, titleColor: ink },
    text: { color: ink },
    rule: { color: ink },
    range: { category: ["#2f6fed", "#e8730c", "#16833f", "#7048c4", "#c02626", "#0f766e", "#b26a00", "#64748b"] },
  };
}

/** The settings of a spec over those of the page, one level deep. */
function merged(page: Spec, own: Spec): Spec {
  const found: Spec = { ...page };
  for (const [name, value] of Object.entries(own)) {
    const before = page[name];
    const both = typeof value === "object" && value !== null && typeof before === "object" && before !== null && !Array.isArray(value);
    found[name] = both ? { ...before, ...value } : value;
  }
  return found;
}

class VegaChart extends HTMLElement {
  #spec: Spec | undefined;
  #shown: Result | undefined;
  #width = 0;
  #height = 0;
  #again = (): void => void this.#draw();
  #watcher = new ResizeObserver(() => {
    const grew = this.hasAttribute("fill") && Math.abs(this.clientHeight - this.#height) > 4;
    if (grew || Math.abs(this.clientWidth - this.#width) > 4) void this.#draw();
  });

  async connectedCallback(): Promise<void> {
    document.addEventListener("penstock:theme", this.#again);
    const inline = this.dataset["spec"];
    const src = this.getAttribute("src");
    try {
      this.#spec ??= inline ? (JSON.parse(inline) as Spec) : src ? await getJson<Spec>(src) : undefined;
      await this.#draw();
      this.#watcher.observe(this);
    } catch (error) {
      this.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  disconnectedCallback(): void {
    document.removeEventListener("penstock:theme", this.#again);
    this.#watcher.disconnect();
    this.#shown?.finalize();
  }

  async #draw(): Promise<void> {
    if (!this.#spec || !this.clientWidth) return;
    this.#width = this.clientWidth;
    this.#height = this.clientHeight;
    const dark = this.closest("[data-bs-theme]")?.getAttribute("data-bs-theme") === "dark";
    const place = document.createElement("div");
    const isPlain = !("hconcat" in this.#spec || "vconcat" in this.#spec || "facet" in this.#spec || "concat" in this.#spec);
    const spec: Spec = { ...(isPlain ? { width: "container" } : {}), autosize: { type: "fit-x", contains: "padding" }, ...this.#spec };
    if (isPlain) spec["width"] = Math.max(80, this.#width);
    if (isPlain && this.hasAttribute("fill")) spec["height"] = Math.max(40, this.#height);
    const config = merged(colours(dark), (this.#spec["config"] as Spec | undefined) ?? {});
    this.#shown?.finalize();
    this.replaceChildren(place);
    this.#shown = await embed(place, spec as VisualizationSpec, {
      mode: "vega-lite",
      actions: false,
      renderer: "svg",
      defaultStyle: false,
      ast: true,
      expr: expressionInterpreter,
      tooltip: { disableDefaultStyle: true, theme: "custom" },
      config,
    });
    this.#shown.view.addEventListener("click", (_event, item) => {
      const detail: unknown = item?.datum;
      if (detail) this.dispatchEvent(new CustomEvent("chart:point", { bubbles: true, detail }));
    });
    this.querySelector("svg")?.setAttribute("aria-label", this.getAttribute("aria-label") ?? "");
  }
}

customElements.define("vega-chart", VegaChart);
