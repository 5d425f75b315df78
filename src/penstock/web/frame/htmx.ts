/** htmx, set up for a strict policy: no eval, no styles of its own, errors are shown where the server says. */
import htmx from "htmx.org";
import { formToken } from "./http.ts";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.attributesToSettle = ["class", "width", "height"]; // by default `style` too, which the policy forbids
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollBehavior = "instant";
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "...", swap: true },
];

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<{ headers: Record<string, string>; verb: string }>).detail;
  if (detail.verb !== "get") detail.headers["X-Form-Token"] = formToken();
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    document.dispatchEvent(new CustomEvent("penstock:toast", { detail: { level: "error", text: "The server did not answer. Try again." } }));
  });
}

/** Put HTML into an element as htmx would, so that what is in it works. */
export function put(target: Element, html: string, style: "innerHTML" | "outerHTML" = "innerHTML"): void {
  htmx.swap(target, html, { swapStyle: style, swapDelay: 0, settleDelay: 0 });
}

export default htmx;
