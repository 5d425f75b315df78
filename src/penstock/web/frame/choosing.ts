/** A checkbox with data-all="#table" chooses every checkbox in it; <output data-follows="id"> shows what an input says. */
document.addEventListener("change", (event) => {
  const all = event.target as HTMLInputElement;
  const place = all.dataset["all"];
  if (!place) return;
  for (const box of document.querySelectorAll<HTMLInputElement>(`${place} tbody input[type=checkbox]`)) box.checked = all.checked;
});

document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  if (!input.id) return;
  for (const output of document.querySelectorAll<HTMLOutputElement>(`output[data-follows="${CSS.escape(input.id)}"]`)) {
    output.textContent = Number(input.value).toFixed(2);
  }
});
