/** Menus are <details class="menu">: one open at a time, closed by Escape, by a click elsewhere and by choosing. */
function close(except?: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (menu !== except && !menu.contains(except ?? null)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const menu = target.closest("details.menu");
  close(menu);
  if (menu && target.closest("a, button") && !target.closest("summary, [data-stay]")) (menu as HTMLDetailsElement).open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = (event.target as Element).closest?.<HTMLDetailsElement>("details.menu[open]");
  if (event.key === "Escape") {
    close();
    menu?.querySelector("summary")?.focus();
  }
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...menu.querySelectorAll<HTMLElement>(".menu-body a, .menu-body button")];
  const here = items.indexOf(document.activeElement as HTMLElement);
  const step = event.key === "ArrowDown" ? 1 : -1;
  items.at((here + step + items.length) % items.length)?.focus();
  event.preventDefault();
});
