/** <name-from-file data-to="FIELD"> around a file field: the name field of the form follows the chosen file until
 *  somebody types another one. */
class NameFromFile extends HTMLElement {
  #given = "";

  connectedCallback(): void {
    this.addEventListener("change", (event) => {
      const chosen = event.target instanceof HTMLInputElement ? event.target.files?.[0] : undefined;
      const name = this.closest("form")?.elements.namedItem(this.dataset["to"] ?? "");
      if (!chosen || !(name instanceof HTMLInputElement) || (name.value && name.value !== this.#given)) return;
      this.#given = nameOf(chosen.name);
      name.value = this.#given;
    });
  }
}

/** `New flights (2).csv` → `new_flights_2` */
function nameOf(file: string): string {
  const stem = file.split(".")[0] ?? "";
  return stem.replace(/[^\p{L}\p{N}_]+/gu, "_").replace(/^_+|_+$/g, "").toLowerCase();
}

customElements.define("name-from-file", NameFromFile);
