/**
 * What forms made from a kind do in the browser: lists grow, shrink and change order, the second half of a choice
 * appears with it, suggestions of columns follow the dataset. Without this they still post.
 */
import { put } from "./htmx.ts";
import { getHtml } from "./http.ts";

/** Numbers in the names of a list's fields are put in order, so that they post as they are seen. */
function renumber(list: Element): void {
  const prefix = list.getAttribute("data-list") ?? "";
  const items = [...list.querySelectorAll<HTMLElement>(":scope > [data-item]")];
  items.forEach((item, index) => {
    const from = `${prefix}.${item.dataset["item"] ?? ""}`;
    const to = `${prefix}.${index}`;
    if (from === to) return;
    item.dataset["item"] = String(index);
    for (const element of [item, ...item.querySelectorAll("*")]) {
      for (const name of ["name", "id", "for", "data-list", "data-path", "aria-describedby", "list", "hx-vals", "hx-target"]) {
        const value = element.getAttribute(name);
        if (value?.includes(from)) element.setAttribute(name, value.replace(from, to));
      }
    }
  });
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

async function add(button: HTMLElement): Promise<void> {
  const list = document.querySelector(`[data-list="${CSS.escape(button.dataset["add"] ?? "")}"]`);
  if (!list) return;
  const template = list.parentElement?.querySelector<HTMLTemplateElement>(":scope > template");
  const index = list.querySelectorAll(":scope > [data-item]").length;
  const url = button.dataset["url"];
  const holder = document.createElement("div");
  holder.innerHTML = url
    ? await getHtml(url.replace("__index__", String(index)))
    : (template?.innerHTML ?? "").replaceAll("__index__", String(index));
  for (const made of [...holder.children]) {
    list.append(made);
    put(made, made.innerHTML);
    made.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
  }
  renumber(list);
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
  if (button.dataset["add"] !== undefined) void add(button);
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
