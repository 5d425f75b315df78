/** Sets light or dark before anything is drawn, for people who let their system decide. */
const root = document.documentElement;
if (root.dataset["theme"] === "auto") {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", apply);
  apply();
}
