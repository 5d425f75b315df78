/** The frame of every page. Islands are fetched when their element stands on the page, and never before. */
import "./htmx.ts";
import "./menus.ts";
import "./keys.ts";
import "./forms.ts";
import "./choosing.ts";
import "./small.ts";
import "./naming.ts";
import "./toasts.ts";
import { LivePart } from "./live-part.ts";
import { arrangeTables } from "./tables.ts";
import { bringIntoSight } from "./sight.ts";

customElements.define("live-part", LivePart);

const asked = new Set<string>();

/** `<log-tail>` → `islands/log-tail.ts`, which defines it. */
function loadIslands(root: ParentNode): void {
  for (const element of root.querySelectorAll(":not(:defined)")) {
    const name = element.localName;
    if (asked.has(name)) continue;
    asked.add(name);
    import(`../islands/${name}.ts`).catch((error: unknown) => console.error(`island ${name}`, error));
  }
}

function prepare(root: ParentNode): void {
  loadIslands(root);
  arrangeTables(root);
  bringIntoSight(root);
}

prepare(document);
document.addEventListener("htmx:load", (event) => prepare((event.target as Element).parentNode ?? document));
