/**
 * <flow-graph> moves and selects in the picture of the Flow that the server drew: drag pans, the wheel zooms, a click
 * selects, shift-drag selects many, a double click opens. Everything it shows comes from the server.
 */
import { Camera } from "../frame/camera.ts";
import htmx, { put } from "../frame/htmx.ts";
import { getHtml } from "../frame/http.ts";
import { distance, nearest, placeOf, stretch, type Place } from "../frame/places.ts";

interface Facts { project: string; url: string; up: Record<string, string[]>; mayWrite: boolean }

const READABLE = 0.5;
const inputs = "input, textarea, select, [contenteditable], code-editor, dialog";
class FlowGraph extends HTMLElement {
  #facts: Facts = { project: "", url: "", up: {}, mayWrite: false };
  #camera = new Camera(this, () => this.#svg, "flow");
  #selected = new Set<string>();
  #folded = new Set<string>();
  #nodes = new Map<string, SVGGElement[]>();
  #pointers = new Map<number, Place>();
  #drag: { from: Place; at: Place; band: HTMLElement | null; moved: boolean } | undefined;
  #source: EventSource | undefined;
  #states = "";
  #drawing = 0;
  #filter: ((node: SVGGElement) => boolean) | undefined;
  #off = new AbortController();

  connectedCallback(): void {
    this.#facts = JSON.parse(this.dataset["facts"] ?? "{}") as Facts;
    this.#folded = words(this.dataset["folded"]);
    this.#off = new AbortController();
    this.#listen();
    const zone = new URLSearchParams(location.search).get("zone") ?? "";
    this.#camera = new Camera(this, () => this.#svg, `flow ${this.#facts.project} ${zone}`);
    this.#adopt();
    this.#camera.begin(READABLE);
    this.#select([...words(this.dataset["selected"])], { panel: true });
    if (this.dataset["build"]) this.#build(this.dataset["build"]);
    this.#follow();
  }

  disconnectedCallback(): void {
    this.#off.abort();
    this.#source?.close();
  }

  #listen(): void {
    const signal = this.#off.signal;
    this.addEventListener("pointerdown", (e) => this.#down(e), { signal });
    this.addEventListener("pointermove", (e) => this.#move(e), { signal });
    for (const end of ["pointerup", "pointercancel"] as const) this.addEventListener(end, (e) => this.#up(e), { signal });
    this.addEventListener("wheel", (e) => this.#wheel(e), { signal, passive: false });
    this.addEventListener("click", (e) => this.#click(e), { signal });
    this.addEventListener("dblclick", (e) => this.#open(e), { signal });
    this.addEventListener("dragstart", (e) => e.preventDefault(), { signal });
    document.addEventListener("click", (e) => this.#button(e), { signal });
    document.addEventListener("change", (e) => this.#changed(e), { signal });
    document.addEventListener("keydown", (e) => this.#key(e), { signal, capture: true });
    document.addEventListener("visibilitychange", () => this.#follow(), { signal });
    document.addEventListener("live:end", () => void this.#redraw(), { signal });
    const find = document.querySelector<HTMLInputElement>(".flow-find");
    find?.addEventListener("input", () => this.#find(find.value), { signal });
    find?.addEventListener("keydown", (e) => {
      if (e.key === "Enter") this.#select(this.#found(find.value).map(idOf), { panel: true, show: true });
      if (e.key === "Escape") { find.value = ""; this.#find(""); find.blur(); }
    }, { signal });
  }

  get #svg(): SVGSVGElement | null {
    return this.querySelector<SVGSVGElement>("svg.flow");
  }

  /** Take over a picture: know its nodes, let Tab stop at one of them only. */
  #adopt(): void {
    this.#nodes.clear();
    for (const node of this.querySelectorAll<SVGGElement>("g.node")) {
      const id = idOf(node);
      this.#nodes.set(id, [...(this.#nodes.get(id) ?? []), node]);
      node.closest("a")?.setAttribute("tabindex", "-1");
    }
    this.querySelector("svg.flow a")?.setAttribute("tabindex", "0");
    this.#mark();
    this.#camera.settle();
  }

  #show(id: string, near = false): void {
    const place = placeOf(this.#own(id));
    if (place) this.#camera.show(place, near);
  }

  /** The node itself rather than its likeness in another zone. */
  #own(id: string): SVGGElement | undefined {
    const nodes = this.#nodes.get(id) ?? [];
    return nodes.find((n) => !n.classList.contains("ghost")) ?? nodes[0];
  }

  // the pointer -----------------------------------------------------------------------------------------------------

  #at(event: MouseEvent): Place {
    const box = this.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || !(event.target as Element).closest(".flow-canvas, .flow-stage") || (event.target as Element).closest("button, details")) return;
    const at = this.#at(event);
    this.#pointers.set(event.pointerId, at);
    this.#drag = { from: at, at, band: null, moved: false };
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    const drag = this.#drag;
    if (!before || !drag) return;
    const at = this.#at(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, at);
    if (other) {
      this.#camera.zoom(distance(at, other) / Math.max(1, distance(before, other)), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
      drag.moved = true;
      return;
    }
    if (!drag.moved && distance(at, drag.from) < 4) return;
    if (!drag.moved) this.#begin(event);
    drag.moved = true;
    if (drag.band) stretch(drag.band, drag.from, at);
    else this.#camera.move(at.x - drag.at.x, at.y - drag.at.y);
    drag.at = at;
  }

  #begin(event: PointerEvent): void {
    this.setPointerCapture(event.pointerId);
    if (event.shiftKey && this.#drag) {
      this.#drag.band = this.appendChild(Object.assign(document.createElement("div"), { className: "flow-band" }));
    } else this.classList.add("panning");
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    const drag = this.#drag;
    this.classList.remove("panning");
    if (drag?.band) {
      const box = drag.band.getBoundingClientRect();
      drag.band.remove();
      this.#select([...this.#selected, ...this.#inside(box)], { panel: true });
    }
    if (!drag?.moved) this.#drag = undefined;
    else setTimeout(() => (this.#drag = undefined));
  }

  #inside(box: DOMRect): string[] {
    const stage = this.getBoundingClientRect();
    const within = (place: Place | undefined): boolean => {
      if (!place) return false;
      const { x, y } = this.#camera.seen(place);
      return x >= box.left - stage.left && x <= box.right - stage.left && y >= box.top - stage.top && y <= box.bottom - stage.top;
    };
    return [...this.#nodes.keys()].filter((id) => within(placeOf(this.#own(id))));
  }

  #wheel(event: WheelEvent): void {
    if ((event.target as Element).closest(".flow-problems")) return;
    event.preventDefault();
    this.#camera.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), this.#at(event));
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    if (target.closest("button, details")) return;
    const node = nodeAt(target);
    if (node && !event.ctrlKey && !event.metaKey) event.preventDefault();
    if (this.#drag?.moved) return;
    const zone = target.closest<SVGElement>("[data-fold]")?.dataset["fold"];
    if (node) {
      const id = idOf(node);
      const more = event.shiftKey || event.ctrlKey || event.metaKey;
      if (more) event.preventDefault();
      const again = event.detail === 0 && this.#selected.has(id) && !more;
      if (again) this.#open(event);
      else if (more && this.#selected.has(id)) this.#select([...this.#selected].filter((s) => s !== id), { panel: true });
      else this.#select(more ? [...this.#selected, id] : [id], { panel: true });
    } else if (zone !== undefined) {
      const left = Number(target.closest("g.zone")?.querySelector("rect")?.getAttribute("x"));
      const chevron = this.#at(event).x < this.#camera.seen({ x: left + 32, y: 0 }).x;
      if (chevron || this.#folded.has(zone)) this.#fold([zone]);
      else this.#panel(`/zones?zone=${encodeURIComponent(zone)}`);
    } else this.#select([], { panel: true });
  }

  /** A double click opens an object; on its likeness in another zone it leads to the original. */
  #open(event: Event): void {
    const node = nodeAt(event.target as Element);
    const href = node?.closest("a")?.getAttribute("href");
    if (!node || !href) return;
    event.preventDefault();
    if (node.classList.contains("ghost")) this.#select([idOf(node)], { panel: true, show: true });
    else location.href = href;
  }

  // what is selected ------------------------------------------------------------------------------------------------

  #select(ids: readonly string[], how: { panel?: boolean; show?: boolean } = {}): void {
    this.#selected = new Set(ids.filter((id) => this.#nodes.has(id)));
    this.#mark();
    const address = new URL(location.href);
    if (this.#selected.size) address.searchParams.set("select", this.#words());
    else address.searchParams.delete("select");
    address.searchParams.delete("build");
    history.replaceState(history.state, "", address);
    const first = [...this.#selected][0];
    if (how.show && first) this.#show(first, true);
    if (how.panel) this.#panel(this.#selected.size ? `/panel?select=${encodeURIComponent(this.#words())}` : "");
  }

  #words(): string {
    return [...this.#selected].join(",");
  }

  #mark(): void {
    for (const [id, nodes] of this.#nodes) {
      for (const node of nodes) {
        node.classList.toggle("selected", this.#selected.has(id));
        node.classList.toggle("dim", this.#filter !== undefined && !this.#filter(node));
      }
    }
    this.#svg?.classList.toggle("dimmed", this.#filter !== undefined);
    for (const edge of this.querySelectorAll<SVGPathElement>("path.edge, path.link")) {
      const ends = [edge.dataset["from"] ?? "", edge.dataset["to"] ?? ""];
      edge.classList.toggle("lit", ends.some((end) => this.#selected.has(end)));
    }
  }

  #panel(path: string): void {
    const panel = document.getElementById("flow-panel");
    if (!panel) return;
    const first = [...this.#selected][0];
    if (path) void htmx.ajax("get", this.#facts.url + path, { target: panel, swap: "innerHTML" }).then(() => first && this.#show(first));
    else panel.replaceChildren();
  }

  #build(select = this.#words()): void {
    if (this.#facts.mayWrite) this.#panel(`/build?select=${encodeURIComponent(select === "*" ? "" : select)}`);
  }

  #around(links: Record<string, string[]>): void {
    const found = new Set(this.#selected);
    const waiting = [...found];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (const next of links[id] ?? []) if (!found.has(next)) { found.add(next); waiting.push(next); }
    }
    this.#select([...found], { panel: true });
  }

  #downstream(): Record<string, string[]> {
    const down: Record<string, string[]> = {};
    for (const [id, before] of Object.entries(this.#facts.up)) for (const one of before) (down[one] ??= []).push(id);
    return down;
  }

  // buttons and keys ------------------------------------------------------------------------------------------------

  #button(event: MouseEvent): void {
    const target = event.target as Element;
    const go = target.closest<HTMLElement>("[data-go]")?.dataset["go"];
    if (go) this.#select([go], { panel: !target.closest("#flow-build, #flow-progress"), show: true });
    const count = target.closest<HTMLElement>(".flow-count");
    if (count) this.#filterBy(count);
    const recipe = target.closest<HTMLAnchorElement>("a[data-new-recipe]");
    const items = [...this.#selected].filter((id) => !id.startsWith("recipe:"));
    if (recipe && items.length) recipe.href += `&inputs=${encodeURIComponent(items.join(","))}`;
    const asked = target.closest<HTMLElement>("[data-flow]");
    const zones = [...this.querySelectorAll<SVGElement>("[data-fold]")].map((z) => z.dataset["fold"] ?? "");
    const zone = asked?.dataset["zone"] ?? "";
    switch (asked?.dataset["flow"]) {
      case "in": return this.#camera.zoom(1.25);
      case "out": return this.#camera.zoom(0.8);
      case "fit": return this.#camera.fit();
      case "build": return this.#build();
      case "none": return this.#select([], { panel: true });
      case "reselect": return this.#select([...this.#selected], { panel: true });
      case "select-up": return this.#around(this.#facts.up);
      case "select-down": return this.#around(this.#downstream());
      case "fold": return this.#fold([zone]);
      case "fold-all": return this.#fold(zones.filter((z) => !this.#folded.has(z)));
      case "unfold-all": return this.#fold([...this.#folded]);
      case "select-zone": return this.#select(this.#ofZone(zone), { panel: true });
    }
  }

  #ofZone(zone: string): string[] {
    return [...this.#nodes.keys()].filter((id) => this.#own(id)?.dataset["zone"] === zone);
  }

  /** A recipe taken out of a plan: the plan is made again without it. */
  #changed(event: Event): void {
    const box = (event.target as Element).closest<HTMLInputElement>("[data-flow-keep]");
    const form = box?.closest("form");
    if (!box || !form) return;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "without", value: box.dataset["flowKeep"] ?? "" }));
    htmx.trigger(form.querySelector("fieldset") as Element, "change", {});
  }

  #key(event: KeyboardEvent): void {
    if ((event.target as Element).closest?.(inputs) || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: Record<string, () => void> = {
      f: () => this.#camera.fit(), b: () => this.#build(), m: () => this.#moveForm(), "+": () => this.#camera.zoom(1.25), "-": () => this.#camera.zoom(0.8),
      "/": () => document.querySelector<HTMLInputElement>(".flow-find")?.focus(), Escape: () => this.#select([], { panel: true }),
    };
    const inGraph = this.contains(event.target as Node);
    if (event.key.startsWith("Arrow") && inGraph) this.#step(event.key);
    else if (acts[event.key] && !document.querySelector("dialog[open]") && !this.#going) acts[event.key]?.();
    else { this.#going = event.key === "g"; setTimeout(() => (this.#going = false), 1200); return; }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** `g f` goes to the Flow; the `f` of it is not ours. */
  #going = false;

  #moveForm(): void {
    const summary = document.querySelector<HTMLElement>("#flow-panel [data-flow-move]");
    if (!summary?.closest("details")?.open) summary?.click();
    document.querySelector<HTMLInputElement>("#flow-panel input[name=new]")?.focus();
  }

  /** The arrow keys go to the nearest node on that side. */
  #step(key: string): void {
    const now = document.activeElement?.querySelector<SVGGElement>("g.node");
    const next = nearest(key, now ?? undefined, [...this.querySelectorAll<SVGGElement>("g.node")]);
    if (!now || !next) return;
    now.closest("a")?.setAttribute("tabindex", "-1");
    next.closest("a")?.setAttribute("tabindex", "0");
    next.closest("a")?.focus({ preventScroll: true });
    this.#show(idOf(next));
  }

  // finding, filtering, folding, following --------------------------------------------------------------------------

  #found(text: string): SVGGElement[] {
    const wanted = text.trim().toLowerCase();
    const own = [...this.#nodes.keys()].map((id) => this.#own(id)).filter((n) => n !== undefined);
    return wanted ? own.filter((n) => `${n.dataset["name"]} ${n.dataset["kind"]} ${n.querySelector("title")?.textContent}`.toLowerCase().includes(wanted)) : [];
  }

  #find(text: string): void {
    const found = new Set(this.#found(text).map(idOf));
    this.#filter = text.trim() ? (node) => found.has(idOf(node)) : undefined;
    this.#mark();
  }

  #filterBy(button: HTMLElement): void {
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const other of this.querySelectorAll(".flow-count")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    const { only, group } = button.dataset;
    const has = (node: SVGGElement): boolean =>
      only !== undefined ? node.dataset["state"] === only && node.dataset["type"] !== "recipe" : node.querySelector<SVGElement>(".halo")?.dataset["halo"] === group;
    this.#filter = on ? has : undefined;
    this.#mark();
  }

  #fold(zones: readonly string[]): void {
    for (const zone of zones) if (!this.#folded.delete(zone)) this.#folded.add(zone);
    const address = new URL(location.href);
    if (this.#folded.size) address.searchParams.set("fold", [...this.#folded].join(","));
    else address.searchParams.delete("fold");
    history.replaceState(history.state, "", address);
    void this.#redraw();
  }

  async #redraw(): Promise<void> {
    const number = ++this.#drawing;
    const html = await getHtml(`${this.#facts.url}/picture${location.search}`);
    const drawn = this.querySelector("#flow-drawn");
    if (!drawn || number !== this.#drawing) return;
    put(drawn, html, "outerHTML");
    this.#adopt();
  }

  /** Whenever the states change on the server, the picture is drawn again. */
  #follow(): void {
    this.#source?.close();
    this.#source = undefined;
    if (document.hidden) return;
    this.#source = new EventSource(`${this.#facts.url}/live`);
    this.#source.addEventListener("states", (event) => {
      const now = String((event as MessageEvent).data);
      if (this.#states && now !== this.#states) void this.#redraw();
      this.#states = now;
    });
  }
}

const words = (text: string | undefined): Set<string> => new Set((text ?? "").split(",").filter(Boolean));
/** The node of a place in the picture: a key clicks on the link around it. */
const nodeAt = (target: Element): SVGGElement | null => target.closest<SVGGElement>("g.node") ?? target.closest("svg.flow a")?.querySelector("g.node") ?? null;
const idOf = (node: SVGGElement): string => node.dataset["id"] ?? "";

customElements.define("flow-graph", FlowGraph);
