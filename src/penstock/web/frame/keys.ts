/** The keyboard: `/` finds, `g` and a letter goes somewhere, `?` tells the keys. Elements say theirs: data-key="g f". */
let before = "";
let timer = 0;

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.("input, textarea, select, [contenteditable], code-editor");
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const pressed = before ? `${before} ${event.key}` : event.key;
  const found = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(pressed).replaceAll("\\ ", " ")}"]`);
  before = event.key === "g" ? "g" : "";
  clearTimeout(timer);
  timer = setTimeout(() => (before = ""), 1200);
  if (event.key === "?") {
    document.querySelector<HTMLDialogElement>("dialog#keys")?.showModal();
    event.preventDefault();
  }
  if (!found) return;
  event.preventDefault();
  if (found.matches("input")) found.focus();
  else found.click();
});
