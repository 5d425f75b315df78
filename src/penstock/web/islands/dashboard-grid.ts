/**
 * <dashboard-grid>: a dashboard that is edited. The draft lives here: gridstack moves tiles about, the server draws what
 * they show and makes room for them, and nothing is kept before Save.
 */
import { GridStack, type GridStackNode } from "gridstack";
import { post, ServerError } from "../frame/http.ts";
import { put } from "../frame/htmx.ts";

const COLUMNS = 36;

interface Place { left?: number; top?: number; width?: number; height?: number }
interface Tile { type: string; id?: string; title?: string; locked?: boolean; item?: string; place?: Place; [setting: string]: unknown }
interface Page { title?: string; visible?: boolean; tiles?: Tile[]; [setting: string]: unknown }
interface Definition { pages?: Page[]; [setting: string]: unknown }
interface Draft { definition: Definition; base: string; page: number }
interface Read { tile: Tile; size: { width: number; height: number } }

class DashboardGrid extends HTMLElement {
  #draft!: Draft;
  #grid: GridStack | undefined;
  #dirty = false;
  #edited: number | undefined;
  #sent: number | undefined;

  connectedCallback(): void {
    this.#draft = JSON.parse(this.querySelector(":scope > script")?.textContent ?? "{}") as Draft;
    this.addEventListener("click", (event) => void this.#clicked(event));
    this.addEventListener("submit", (event) => void this.#submitted(event), true);
    this.addEventListener("change", (event) => void this.#chosen(event));
    document.addEventListener("click", this.#outside);
    window.addEventListener("beforeunload", this.#leaving);
    this.#start();
    this.#tabs();
  }

  disconnectedCallback(): void {
    document.removeEventListener("click", this.#outside);
    window.removeEventListener("beforeunload", this.#leaving);
    this.#grid?.destroy(false);
  }

  get #pages(): Page[] {
    return (this.#draft.definition.pages ??= [{}]);
  }

  get #page(): Page {
    return this.#pages[this.#draft.page - 1] ?? {};
  }

  get #tiles(): Tile[] {
    return (this.#page.tiles ??= []);
  }

  #url(verb: string): string {
    return `${this.dataset["base"] ?? ""}/${verb}`;
  }

  #part<T extends Element>(selector: string): T {
    const found = this.querySelector<T>(selector);
    if (!found) throw new Error(`There is no ${selector}.`);
    return found;
  }

  /** New HTML in a place that is emptied first: else htmx carries styles of old elements over, which the policy refuses. */
  #show(place: string, html: string): void {
    const target = this.#part(place);
    target.replaceChildren();
    put(target, html);
  }

  #touch(dirty = true): void {
    this.#dirty = dirty;
    const save = document.querySelector<HTMLButtonElement>("[data-save]");
    if (save) save.disabled = !dirty;
  }

  #leaving = (event: BeforeUnloadEvent): void => {
    if (this.#dirty) event.preventDefault();
  };

  #outside = (event: MouseEvent): void => {
    const target = event.target as Element;
    if (target.closest("[data-save]")) void this.#save();
    const added = target.closest<HTMLElement>("[data-add]");
    if (added) {
      added.closest("dialog")?.close();
      this.#edited = undefined;
      void this.#form({ kind: added.dataset["add"] ?? "" }, added.querySelector("strong")?.textContent ?? "Tile");
    }
  };

  // the grid ------------------------------------------------------------------------------------------------------

  #start(): void {
    const element = this.querySelector<HTMLElement>(".grid-stack");
    if (!element) return;
    const spacing = Number(this.#draft.definition["spacing"] ?? 12);
    const narrow = this.clientWidth < 700;
    this.#grid = GridStack.init({
      column: COLUMNS, cellHeight: Math.max(8, this.clientWidth / COLUMNS), margin: spacing / 2, mode: this.#draft.definition["auto_stack"] ? "top" : "float",
      handle: ".tile-tools", animate: !matchMedia("(prefers-reduced-motion: reduce)").matches, staticGrid: narrow, minRow: 6,
    }, element) ?? undefined;
    this.#grid?.on("change", (_event: Event, nodes: GridStackNode[]) => this.#moved(nodes));
  }

  #moved(nodes: GridStackNode[]): void {
    for (const node of nodes ?? []) {
      const tile = this.#tiles[this.#position(String(node.id))];
      if (tile) tile.place = { left: node.x ?? 0, top: node.y ?? 0, width: node.w ?? 12, height: node.h ?? 8 };
    }
    this.#touch();
  }

  /** A tile by its key: its id, or its position from 1. */
  #position(key: string): number {
    const byId = this.#tiles.findIndex((tile) => tile.id === key);
    return byId >= 0 ? byId : Number(key) - 1;
  }

  /** Draw the page of the draft anew: the server knows what tiles show and who gives way to whom. */
  async #draw(): Promise<void> {
    const { definition, page } = this.#draft;
    const answer = await post(this.#url("draft"), { definition, page });
    const html = await answer.text();
    this.#grid?.destroy(false);
    this.#grid = undefined;
    this.#show("[data-canvas]", html);
    this.#start();
    this.#settle();
    this.#tabs();
  }

  /** The places the server found, into the draft. */
  #settle(): void {
    for (const item of this.querySelectorAll<HTMLElement>(".grid-stack-item")) {
      const tile = this.#tiles[this.#position(item.getAttribute("gs-id") ?? "")];
      const at = (name: string): number => Number(item.getAttribute(`gs-${name}`) ?? 0);
      if (tile) tile.place = { left: at("x"), top: at("y"), width: at("w") || 1, height: at("h") || 1 };
    }
  }

  // tiles ---------------------------------------------------------------------------------------------------------

  async #clicked(event: MouseEvent): Promise<void> {
    const target = event.target as Element;
    const doing = target.closest<HTMLElement>("[data-do]")?.dataset["do"];
    const item = target.closest<HTMLElement>(".grid-stack-item");
    if (doing && item) await this.#guard(() => this.#do(doing, this.#position(item.getAttribute("gs-id") ?? "")));
    const tab = target.closest<HTMLElement>("[data-to-page]");
    if (tab) await this.#guard(() => this.#turn(Number(tab.dataset["toPage"])));
    const verb = target.closest<HTMLElement>("[data-page]")?.dataset["page"];
    if (verb) await this.#guard(() => this.#pageDo(verb));
    if (target.closest("[data-reload]")) { this.#touch(false); location.reload(); }
    if (target.closest("[data-overwrite]")) { this.#part<HTMLDialogElement>("#conflict").close(); await this.#save(); }
  }

  async #do(verb: string, position: number): Promise<void> {
    const tile = this.#tiles[position];
    if (!tile) return;
    if (verb === "edit") {
      this.#edited = position;
      return this.#form({ tile }, "Edit the tile");
    }
    if (verb === "send") return this.#askWhere(position);
    if (verb === "copy") this.#tiles.push(this.#twin(tile));
    if (verb === "lock") tile.locked = !tile.locked;
    if (verb === "remove") this.#tiles.splice(position, 1);
    this.#touch();
    await this.#draw();
    if (verb === "copy") this.querySelector(".grid-stack-item:last-child")?.scrollIntoView({ block: "center" });
  }

  /** The same once more, where there is room for it: an id of its own keeps them apart. */
  #twin(tile: Tile, among: Tile[] = this.#tiles): Tile {
    const size = { width: tile.place?.width ?? 12, height: tile.place?.height ?? 8 };
    return { ...structuredClone(tile), id: freshId(), place: { ...size, ...freeRoom(among, size) } };
  }

  async #form(about: { kind?: string; tile?: Tile }, title: string): Promise<void> {
    const html = await (await post(this.#url("form"), about)).text();
    this.#show("[data-form]", html);
    this.#part("[data-form-title]").textContent = title;
    this.#part<HTMLDialogElement>("#tile-form").showModal();
  }

  async #submitted(event: Event): Promise<void> {
    const form = event.target as HTMLFormElement;
    if (form.matches("[data-tile-form]")) {
      event.preventDefault();
      await this.#guard(() => this.#take(form));
    } else if (form.matches("[data-page-form]")) {
      this.#page.title = new FormData(form).get("title")?.toString() ?? "";
      this.#touch();
      this.#tabs();
    } else if (form.matches("[data-send-form]")) {
      await this.#guard(() => this.#send(new FormData(form).get("to")?.toString() ?? ""));
    }
  }

  /** Another dataset or object: the form anew, so that its pickers offer the columns or metrics of that one. */
  async #chosen(event: Event): Promise<void> {
    const field = event.target as HTMLInputElement;
    const form = field.closest<HTMLFormElement>("[data-tile-form]");
    if (!form || !["dataset", "item"].includes(field.name) || field.value === "other:") return;
    const answer = await fetch(`${form.action}?again=yes`, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (answer.ok) this.#show("[data-form]", await answer.text());
  }

  /** What the form says goes into the draft; what is wrong in it is shown at its field. */
  async #take(form: HTMLFormElement): Promise<void> {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (answer.status === 422) {
      this.#show("[data-form]", await answer.text());
      this.#part("[data-form]").querySelector(".wrong, .notice.error")?.scrollIntoView({ block: "center" });
      return;
    }
    if (!answer.ok) throw new ServerError(answer.status, `The server answered ${answer.status}.`);
    const { tile, size } = (await answer.json()) as Read;
    const before = this.#edited === undefined ? undefined : this.#tiles[this.#edited];
    if (before && this.#edited !== undefined) {
      this.#tiles[this.#edited] = { ...tile, ...(before.id ? { id: before.id } : {}), ...(before.place ? { place: before.place } : {}) };
    } else {
      this.#tiles.push({ ...tile, id: freshId(), place: { ...freeRoom(this.#tiles, size), ...size } });
    }
    this.#touch();
    this.#part<HTMLDialogElement>("#tile-form").close();
    await this.#draw();
    if (!before) this.querySelector(".grid-stack-item:last-child")?.scrollIntoView({ block: "center" });
  }

  #askWhere(position: number): void {
    this.#sent = position;
    const choice = this.#part<HTMLSelectElement>("#send-tile select");
    choice.replaceChildren();
    this.#pages.forEach((page, n) => {
      if (n + 1 !== this.#draft.page) choice.add(new Option(`Page ${page.title || n + 1}`, `page:${n + 1}`));
    });
    choice.append(this.#part<HTMLTemplateElement>("template[data-others]").content.cloneNode(true));
    if (choice.options.length) this.#part<HTMLDialogElement>("#send-tile").showModal();
    else say("info", "There is no other page or dashboard yet.");
  }

  async #send(to: string): Promise<void> {
    const tile = this.#sent === undefined ? undefined : this.#tiles[this.#sent];
    const [where, name] = to.split(":", 2);
    if (!tile || !name) return;
    if (where === "page") {
      const page = this.#pages[Number(name) - 1];
      if (page) (page.tiles ??= []).push(this.#twin(tile, page.tiles));
      this.#touch();
      return say("success", `Copied to ${page?.title || `page ${name}`}.`);
    }
    if (this.#dirty || !tile.id) return say("warning", "Save first: another dashboard gets the tile as it was saved.");
    const asked = new URLSearchParams({ key: tile.id, page: String(this.#draft.page), to: name });
    await post(this.#url("copy"), asked);
    say("success", `Copied to dashboard ${name}.`);
  }

  // pages ---------------------------------------------------------------------------------------------------------

  #tabs(): void {
    const tabs = this.#pages.map((page, n) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.dataset["toPage"] = String(n + 1);
      tab.textContent = `${page.title || `Page ${n + 1}`}${page.visible === false ? " (hidden)" : ""}`;
      tab.setAttribute("aria-current", String(n + 1 === this.#draft.page));
      return tab;
    });
    this.#part("[data-pages]").replaceChildren(...tabs);
  }

  async #turn(page: number): Promise<void> {
    this.#draft.page = page;
    await this.#draw();
  }

  async #pageDo(verb: string): Promise<void> {
    const at = this.#draft.page - 1;
    if (verb === "rename") {
      this.#part<HTMLInputElement>("#page-title input").value = this.#page.title ?? "";
      return this.#part<HTMLDialogElement>("#page-title").showModal();
    }
    if (verb === "hide") this.#page.visible = this.#page.visible === false;
    if (verb === "add") this.#draft.page = this.#pages.push({ tiles: [] });
    if (verb === "remove") {
      if (this.#pages.length === 1) return say("info", "A dashboard has one page at least.");
      this.#pages.splice(at, 1);
      this.#draft.page = Math.max(1, at);
    }
    const other = verb === "left" ? at - 1 : verb === "right" ? at + 1 : -1;
    const [here, there] = [this.#pages[at], this.#pages[other]];
    if (here && there) {
      this.#pages[at] = there;
      this.#pages[other] = here;
      this.#draft.page = other + 1;
    }
    this.#touch();
    await this.#draw();
  }

  // saving --------------------------------------------------------------------------------------------------------

  async #save(): Promise<void> {
    const headers = { "Content-Type": "application/json", "X-Form-Token": document.querySelector<HTMLMetaElement>("meta[name=form-token]")?.content ?? "" };
    const answer = await fetch(this.#url("save"), { method: "POST", headers, body: JSON.stringify(this.#draft) });
    const said = (await answer.json().catch(() => ({}))) as { view?: string; conflict?: string; diff?: string; base?: string; detail?: string; message?: string };
    if (answer.ok && said.view) {
      this.#touch(false);
      location.href = said.view;
    } else if (said.conflict) {
      this.#draft.base = said.base ?? "";
      this.#part("[data-diff]").textContent = said.diff ?? "";
      this.#part<HTMLDialogElement>("#conflict").showModal();
    } else {
      say("error", said.detail ?? said.message ?? `The server answered ${answer.status}.`);
    }
  }

  async #guard(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      say("error", error instanceof Error ? error.message : String(error));
    }
  }
}

/** The first place that is free for a tile, from the top and from the left; at the latest below everything. */
function freeRoom(tiles: Tile[], size: { width: number; height: number }): { left: number; top: number } {
  const taken = tiles.map((t) => ({ left: 0, top: 0, width: 12, height: 8, ...t.place }));
  const bottom = Math.max(0, ...taken.map((t) => t.top + t.height));
  for (let top = 0; top < bottom; top++) {
    for (let left = 0; left + size.width <= COLUMNS; left++) {
      const free = taken.every((t) => left >= t.left + t.width || left + size.width <= t.left || top >= t.top + t.height || top + size.height <= t.top);
      if (free) return { left, top };
    }
  }
  return { left: 0, top: bottom };
}

function freshId(): string {
  return `t${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36).padStart(7, "0") ?? Date.now().toString(36)}`;
}

function say(level: string, text: string): void {
  document.dispatchEvent(new CustomEvent("penstock:toast", { detail: { level, text } }));
}

customElements.define("dashboard-grid", DashboardGrid);
