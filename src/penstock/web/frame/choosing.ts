/** What somebody asked for in a form comes into sight and is read out: the focus goes to <div data-answer tabindex=-1>. */
document.addEventListener("htmx:afterSwap", (event) => {
  const answer = (event.target as Element).closest<HTMLElement>("[data-answer]");
  answer?.focus({ preventScroll: true });
  answer?.scrollIntoView({ block: "nearest" });
});

/** A checkbox with data-all="#table" chooses every checkbox in it; <output data-follows="id"> shows what an input says. */
document.addEventListener("change", (event) => {
  const all = event.target as HTMLInputElement;
  const place = all.dataset["all"];
  if (!place) return;
  for (const box of document.querySelectorAll<HTMLInputElement>(`${place} tbody input[type=checkbox]`)) box.checked = all.checked;
});

/** Where a slider with data-step may stand: its steps, and data-stop, a value between two of them. */
function snap(input: HTMLInputElement): void {
  const step = Number(input.dataset["step"]);
  if (!step) return;
  const value = Number(input.value);
  const near = Math.round(value / step) * step;
  const stop = Number(input.dataset["stop"] ?? Number.NaN);
  input.value = String(Number((Math.abs(stop - value) < Math.abs(near - value) ? stop : near).toFixed(6)));
}

document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  if (!input.id) return;
  snap(input);
  for (const output of document.querySelectorAll<HTMLOutputElement>(`output[data-follows="${CSS.escape(input.id)}"]`)) {
    output.textContent = String(Number(Number(input.value).toFixed(4)));
  }
}, true);

/** A value with data-switches="name" counts as soon as it is typed, and no more once it is emptied: its checkbox follows. */
document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  const name = input.dataset["switches"];
  const box = name && input.form?.querySelector<HTMLInputElement>(`input[type=checkbox][name="${CSS.escape(name)}"]`);
  if (box) box.checked = input.value.trim() !== "";
});
