/** Rows of tabs that are wider than the screen: the chosen one is scrolled into sight, without moving the page. */
const CHOSEN = ".sections a[aria-current], .tabs [aria-selected=true], .tabs [aria-current=true], .screens a[aria-current]";

export function bringIntoSight(root: ParentNode): void {
  for (const chosen of root.querySelectorAll<HTMLElement>(CHOSEN)) {
    const row = chosen.closest<HTMLElement>(".sections, .tabs, .screens");
    if (!row || row.scrollWidth <= row.clientWidth) continue;
    const [inner, outer] = [chosen.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }
}
