/** Small things every page has: copying, times that stay true, the light switch, panels, asking twice. */
import { post } from "./http.ts";

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const copy = target.closest<HTMLElement>("[data-copy]");
  if (copy) {
    const text = copy.dataset["copy"] || (copy.parentElement?.querySelector("pre, code")?.textContent ?? "");
    void navigator.clipboard.writeText(text).then(() => copy.classList.add("copied"));
    setTimeout(() => copy.classList.remove("copied"), 1200);
  }
  target.closest("[data-close]")?.closest(".toast-line, dialog, .side-panel")?.dispatchEvent(new Event("close-it"));
  const opener = target.closest<HTMLElement>("[data-dialog]");
  if (opener) document.querySelector<HTMLDialogElement>(`dialog#${CSS.escape(opener.dataset["dialog"] ?? "")}`)?.showModal();
  const theme = target.closest<HTMLElement>("[data-set-theme]");
  if (theme) setTheme(theme.dataset["setTheme"] ?? "light");
  const row = target.closest<HTMLElement>("tr[data-href]");
  if (row && !target.closest("a, button, input, label, select, summary")) location.href = row.dataset["href"] ?? "";
});

document.addEventListener("close-it", (event) => {
  const element = event.target as HTMLElement;
  if (element instanceof HTMLDialogElement) element.close();
  else if (element.matches(".side-panel")) element.replaceChildren();
  else element.remove();
}, true);

function setTheme(theme: string): void {
  const root = document.documentElement;
  const now = root.getAttribute("data-bs-theme") === "dark" ? "dark" : "light";
  const next = theme === "toggle" ? (now === "dark" ? "light" : "dark") : theme;
  root.dataset["theme"] = next;
  root.setAttribute("data-bs-theme", next);
  void post("/me/theme", new URLSearchParams({ theme: next }));
  document.dispatchEvent(new CustomEvent("penstock:theme", { detail: next }));
}

/** Buttons that ask once more: the first click changes their words, the second does it. */
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-sure]");
  if (!button || button.dataset["asked"]) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const words = button.innerHTML;
  button.dataset["asked"] = "yes";
  button.textContent = button.dataset["sure"] || "Really?";
  button.classList.add("btn-danger");
  setTimeout(() => {
    button.innerHTML = words;
    button.classList.remove("btn-danger");
    delete button.dataset["asked"];
  }, 4000);
}, true);

const UNITS: readonly [number, Intl.RelativeTimeFormatUnit][] = [[60, "second"], [60, "minute"], [24, "hour"], [30, "day"], [12, "month"], [Infinity, "year"]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `3 minutes ago`, as the server says it. */
function relative(then: number): string {
  let amount = (then - Date.now()) / 1000;
  if (Math.abs(amount) < 10) return "just now";
  for (const [size, unit] of UNITS) {
    if (Math.abs(amount) < size) return words.format(Math.round(amount), unit);
    amount /= size;
  }
  return "";
}

function refreshTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    time.textContent = relative(Date.parse(time.dateTime));
    time.title ||= new Date(time.dateTime).toLocaleString([], { hour12: false });
  }
}

/** Fields that narrow a list while one types: <input data-narrow="#id-of-list">. */
document.addEventListener("input", (event) => {
  const field = (event.target as Element).closest<HTMLInputElement>("input[data-narrow]");
  if (!field) return;
  const wanted = field.value.toLowerCase();
  for (const row of document.querySelectorAll<HTMLElement>(`${field.dataset["narrow"]} [data-row]`)) {
    row.hidden = !(row.textContent ?? "").toLowerCase().includes(wanted);
  }
});

/** A form whose fields submit it when they change. */
document.addEventListener("change", (event) => {
  const form = (event.target as Element).closest<HTMLFormElement>("form[data-submit-on-change]");
  form?.requestSubmit();
});

refreshTimes();
setInterval(refreshTimes, 20_000);
