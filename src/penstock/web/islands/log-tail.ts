/**
 * <log-tail src="…"> shows a log as it grows. It stays at the end while the reader is there; lines with warnings and
 * errors are marked. Without a src it marks the text that stands in it.
 */
const MOST = 20_000;

class LogTail extends HTMLElement {
  #source: EventSource | undefined;
  #rest = "";

  connectedCallback(): void {
    this.tabIndex = 0;
    this.setAttribute("role", "log");
    const said = this.textContent ?? "";
    this.replaceChildren();
    this.#write(said);
    const src = this.getAttribute("src");
    if (src) this.#follow(src);
  }

  disconnectedCallback(): void {
    this.#source?.close();
  }

  #follow(src: string): void {
    const source = new EventSource(src);
    this.#source = source;
    source.addEventListener("message", (event) => this.#write(String(event.data)));
    source.addEventListener("end", () => {
      this.#write("\n");
      source.close();
    });
  }

  #write(text: string): void {
    const atEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 40;
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    this.append(...lines.filter((line, i) => line || i < lines.length - 1).map(asLine));
    while (this.childElementCount > MOST) this.firstElementChild?.remove();
    if (atEnd) this.scrollTop = this.scrollHeight;
  }
}

/** `2026-11-21T03:00:00.123Z [WARN] [recipe] text`, with its time dimmed. */
function asLine(line: string): HTMLElement {
  const made = document.createElement("div");
  const found = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) \[(\w+)\] ?(.*)$/.exec(line);
  if (!found) {
    made.textContent = line;
    return made;
  }
  const time = document.createElement("span");
  time.className = "time";
  time.textContent = `${found[1]?.slice(11, 23) ?? ""} `;
  time.title = found[1] ?? "";
  made.append(time, found[3] ?? "");
  if (found[2] === "WARN") made.className = "warn";
  if (found[2] === "ERROR") made.className = "fail";
  return made;
}

customElements.define("log-tail", LogTail);
