/**
 * Toasts: what was just done, in the corner and out of the way. Good news leaves by itself, errors stay until somebody
 * closes them; nothing leaves while it is pointed at, has the keyboard, or while the page is not seen.
 */
const STAYS: Readonly<Record<string, number>> = { success: 5000, info: 6000, warning: 9000 };
const MOST = 4;
const SLOW_READER = 45; // milliseconds a letter

const place = document.getElementById("toasts");
const left = new Map<HTMLElement, number>(); // milliseconds each has still got
let ticking = 0;
let last = 0;

function level(toast: Element): string {
  return ["error", "warning", "info", "success"].find((word) => toast.classList.contains(word)) ?? "info";
}

function said(toast: Element): string {
  return (toast.textContent ?? "").trim();
}

function isHeld(): boolean {
  return document.hidden || Boolean(place?.matches(":hover, :focus-within"));
}

function dismiss(toast: HTMLElement): void {
  left.delete(toast);
  toast.remove();
}

function tick(): void {
  const now = performance.now();
  const passed = now - last;
  last = now;
  if (!isHeld()) {
    for (const [toast, time] of left) {
      if (time <= passed || !toast.isConnected) dismiss(toast);
      else left.set(toast, time - passed);
    }
  }
  if (left.size) return;
  clearInterval(ticking);
  ticking = 0;
}

/** One that is new: the same words said before give way to it, and of many only the newest stay. */
function arrived(toast: HTMLElement): void {
  const others = [...(place?.querySelectorAll<HTMLElement>(".toast-line") ?? [])].filter((one) => one !== toast);
  const same = others.filter((one) => said(one) === said(toast));
  const fleeting = others.filter((one) => level(one) !== "error" && !same.includes(one));
  const spare = others.length - same.length - (MOST - 1);
  for (const one of [...same, ...fleeting.slice(0, Math.max(0, spare))]) dismiss(one);
  const stays = STAYS[level(toast)];
  if (!stays) return;
  left.set(toast, Math.max(stays, said(toast).length * SLOW_READER));
  if (ticking) return;
  last = performance.now();
  ticking = window.setInterval(tick, 250);
}

/** Show some words as a toast. */
export function toast(level: string, text: string): void {
  const template = document.querySelector<HTMLTemplateElement>(`template#toast-${CSS.escape(level)}`) ?? document.querySelector<HTMLTemplateElement>("template#toast-info");
  const made = template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
  const words = made?.querySelector("[data-text]");
  if (!made || !words) return;
  words.textContent = text;
  place?.append(made);
}

if (place) {
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node instanceof HTMLElement && node.isConnected && node.matches(".toast-line")) arrived(node);
    }
  }).observe(place, { childList: true });
  // what came with the page is put in once more: only what is added to a live region is read out
  const waiting = [...place.querySelectorAll<HTMLElement>(".toast-line")];
  setTimeout(() => waiting.forEach((one) => place.append(one)), 50);
}

document.addEventListener("penstock:toast", (event) => {
  const { level, text } = (event as CustomEvent<{ level: string; text: string }>).detail;
  toast(level, text);
});

document.addEventListener("keydown", (event) => {
  const newest = event.key === "Escape" ? place?.querySelector<HTMLElement>(".toast-line:last-child") : undefined;
  if (newest && place?.contains(document.activeElement)) dismiss(newest);
});
