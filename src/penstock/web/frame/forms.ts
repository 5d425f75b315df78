/**
 * What forms made from a kind do in the browser: lists grow, shrink and change order, the second half of a choice
 * appears with it, suggestions of columns follow the dataset. Without this they still post.
 */
import htmx from "./htmx.ts";

const NAMES = ["name", "id", "for", "data-list", "aria-describedby", "aria-labelledby", "hx-get", "hx-include"];

/** Numbers in the names of a list's fields are put in order, so that they post as they are seen. */
export function renumber(list: Element): void {
  const prefix = list.getAttribute("data-list") ?? "";
  [...list.querySelectorAll<HTMLElement>(":scope > [data-item]")].forEach((item, index) => {
    const from = `${prefix}.${item.dataset["item"] ?? ""}`;
    const to = `${prefix}.${index}`;
    if (from === to) return;
    item.dataset["item"] = String(index);
    for (const element of [item, ...item.querySelectorAll("*")]) {
      for (const name of NAMES) rename(element, name, from, to);
    }
  });
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

/** `a.1` → `a.2` inside a word, unless more digits follow. */
function rename(element: Element, attribute: string, from: string, to: string): void {
  const value = element.getAttribute(attribute);
  const place = value?.indexOf(from) ?? -1;
  if (!value || place < 0 || /\d/.test(value.charAt(place + from.length))) return;
  element.setAttribute(attribute, value.slice(0, place) + to + value.slice(place + from.length));
}

/** A new item at the end. The template speaks of `__path0__.__i0__`; the digit tells lists inside lists apart. */
function add(button: HTMLElement): void {
  const list = button.parentElement?.querySelector<HTMLElement>(":scope > [data-list]");
  const template = button.parentElement?.querySelector<HTMLTemplateElement>(":scope > template");
  if (!list || !template) return;
  const level = list.dataset["level"] ?? "0";
  const index = String(list.querySelectorAll(":scope > [data-item]").length);
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML
    .replaceAll(`__path${level}__`, list.dataset["list"] ?? "")
    .replaceAll(`__i${level}__`, index);
  for (const made of [...holder.children]) {
    list.append(made);
    htmx.process(made);
    made.dispatchEvent(new Event("htmx:load", { bubbles: true }));
    made.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
  }
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function act(item: HTMLElement, action: string): void {
  const list = item.parentElement;
  if (!list) return;
  if (action === "remove") item.remove();
  if (action === "up") item.previousElementSibling?.before(item);
  if (action === "down") item.nextElementSibling?.after(item);
  if (action === "copy") item.after(item.cloneNode(true));
  renumber(list);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-add], [data-act]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset["add"] !== undefined) add(button);
  else {
    const item = button.closest<HTMLElement>("[data-item]");
    if (item) act(item, button.dataset["act"] ?? "");
  }
});

/** A choice shows the part that belongs to it: <select data-shows> beside <fieldset data-when="value">. */
function show(select: HTMLSelectElement): void {
  const around = select.closest("[data-choice]");
  for (const part of around?.querySelectorAll<HTMLFieldSetElement>(":scope > fieldset[data-when]") ?? []) {
    const on = part.dataset["when"] === select.value;
    part.hidden = !on;
    part.disabled = !on;
  }
}

document.addEventListener("change", (event) => {
  const select = (event.target as Element).closest?.<HTMLSelectElement>("select[data-shows]");
  if (select) show(select);
  const form = (event.target as Element).closest?.<HTMLFormElement>("form[data-guard]");
  if (form) form.dataset["changed"] = "yes";
});

document.addEventListener("submit", (event) => {
  delete (event.target as HTMLFormElement).dataset["changed"];
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-changed]")) event.preventDefault();
});

/** Dragging the grip of an item moves it. */
let dragged: HTMLElement | undefined;
document.addEventListener("dragstart", (event) => {
  const item = (event.target as Element).closest?.<HTMLElement>("[data-item]");
  if (item?.parentElement?.matches("[data-list]")) dragged = item;
});
document.addEventListener("dragover", (event) => {
  const over = (event.target as Element).closest?.<HTMLElement>("[data-item]");
  if (!dragged || !over || over.parentElement !== dragged.parentElement || over === dragged) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  over[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
});
document.addEventListener("dragend", () => {
  if (dragged?.parentElement) renumber(dragged.parentElement);
  dragged = undefined;
});
