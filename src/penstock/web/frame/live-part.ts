/**
 * <live-part src="…"> follows a stream of server-sent events. Each event carries HTML: `message` replaces what is
 * inside, an event named like an element's id replaces that element, `end` closes the stream, `reload` loads the page
 * again. A hidden tab lets its connection go and takes it up again when it is seen.
 */
import htmx, { put } from "./htmx.ts";

/** The sign on the tab; a page that has one of its own keeps it. */
function showSign(sign: string): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (!link) return;
  link.dataset["own"] ??= link.getAttribute("href") ?? "";
  link.href = sign ? `/static/icon-${sign}.svg` : link.dataset["own"];
}

export class LivePart extends HTMLElement {
  #source: EventSource | undefined;
  #ended = false;
  #visible = (): void => (document.hidden ? this.#close() : this.#open());

  connectedCallback(): void {
    document.addEventListener("visibilitychange", this.#visible);
    this.#open();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#visible);
    this.#close();
  }

  #open(): void {
    const src = this.getAttribute("src");
    if (!src || this.#source || this.#ended || document.hidden) return;
    const source = new EventSource(src);
    this.#source = source;
    source.addEventListener("message", (event) => put(this, String(event.data)));
    source.addEventListener("end", () => this.#end());
    source.addEventListener("reload", () => location.reload());
    source.addEventListener("toast", (event) => document.dispatchEvent(new CustomEvent("penstock:toast", { detail: JSON.parse(String((event as MessageEvent).data)) as unknown })));
    source.addEventListener("sign", (event) => showSign(String((event as MessageEvent).data)));
    source.addEventListener("title", (event) => (document.title = String((event as MessageEvent).data)));
    for (const name of (this.getAttribute("parts") ?? "").split(" ").filter(Boolean)) {
      source.addEventListener(name, (event) => this.#replace(name, String((event as MessageEvent).data)));
    }
  }

  #replace(id: string, html: string): void {
    const target = document.getElementById(id);
    if (!target) return;
    const open = [...target.querySelectorAll<HTMLDetailsElement>("details[open][id]")].map((d) => d.id);
    put(target, html, "outerHTML");
    for (const kept of open) document.getElementById(kept)?.setAttribute("open", "");
  }

  #end(): void {
    this.#ended = true;
    this.#close();
    this.dispatchEvent(new CustomEvent("live:end", { bubbles: true }));
    const then = this.getAttribute("then");
    if (then) void htmx.ajax("get", then, { target: this, swap: "outerHTML" });
  }

  #close(): void {
    this.#source?.close();
    this.#source = undefined;
  }
}
