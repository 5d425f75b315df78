/**
 * A name that follows a title until somebody types another: <input data-proposes="f-key" data-shape="key">. What is
 * proposed here is what the server would choose for an empty name (core/names.py).
 */
const SPELLED: Readonly<Record<string, string>> = {
  ß: "ss", ẞ: "SS", æ: "ae", Æ: "AE", œ: "oe", Œ: "OE", ø: "o", Ø: "O", ł: "l", Ł: "L", đ: "d", Đ: "D", ð: "d", Ð: "D",
  þ: "th", Þ: "TH", ı: "i",
};
const SHAPES: Readonly<Record<string, (title: string) => string>> = {
  name: (title) => title.replace(/[^\p{L}\p{N}_]+/gu, "_").replace(/^_+|_+$/g, "").toLowerCase().slice(0, 100),
  key: (title) =>
    title
      .replace(/[ßẞæÆœŒøØłŁđĐðÐþÞı]/g, (letter) => SPELLED[letter] ?? "")
      .normalize("NFKD")
      .replace(/[^\x00-\x7f]/g, "")
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, "_")
      .replace(/^[_0-9]+/, "")
      .slice(0, 30)
      .replace(/_+$/, ""),
};
const proposed = new WeakMap<HTMLInputElement, string>();

document.addEventListener("input", (event) => {
  const title = event.target as HTMLInputElement;
  const name = document.getElementById(title.dataset?.["proposes"] ?? "");
  const shape = SHAPES[title.dataset?.["shape"] ?? "name"];
  if (!(name instanceof HTMLInputElement) || !shape) return;
  if (name.value && name.value !== proposed.get(name)) return;
  name.value = shape(title.value);
  proposed.set(name, name.value);
});
