/** Where a large picture stands behind its window, and how large: moved, zoomed, fitted, kept while the tab is open. */
import type { Place } from "./places.ts";

const LEAST = 0.05;
const MOST = 2.5;
/** Below this, words and small drawings cannot be read, so they are not painted. */
const FAR = 0.28;

export class Camera {
  #x = 0;
  #y = 0;
  #scale = 1;
  #still = 0;

  /** `stage` is the window, `picture` gives what is behind it now, `name` is what its place is kept under. */
  constructor(private readonly stage: HTMLElement, private readonly picture: () => SVGSVGElement | null, private readonly name: string) {}

  /** Where it stood before, or fitted so that it stays readable. */
  begin(readable: number): void {
    const [x, y, scale, size] = JSON.parse(sessionStorage.getItem(this.name) ?? "[]") as [number?, number?, number?, string?];
    if (x === undefined || y === undefined || scale === undefined || size !== this.#size) this.fit(readable);
    else [this.#x, this.#y, this.#scale] = [x, y, scale];
    this.apply();
  }

  /** All of it, or as much as is not smaller than `least`, from the left. */
  fit(least = LEAST): void {
    const box = this.picture()?.viewBox.baseVal;
    if (!box) return;
    const { width, height } = this.stage.getBoundingClientRect();
    const whole = Math.min((width - 16) / box.width, (height - 64) / box.height, 1.15);
    this.#scale = Math.max(whole, least);
    this.#x = Math.max((width - box.width * this.#scale) / 2, 8);
    this.#y = Math.max((height - 48 - box.height * this.#scale) / 2, 8);
    this.#keep();
  }

  /** What is kept for one picture is no good for another. */
  get #size(): string {
    return this.picture()?.getAttribute("viewBox") ?? "";
  }

  move(x: number, y: number): void {
    this.#x += x;
    this.#y += y;
    this.#keep();
  }

  /** Larger or smaller; the point at `at`, or the middle, stays where it is. */
  zoom(factor: number, at: Place = { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 }): void {
    const next = Math.min(MOST, Math.max(LEAST, this.#scale * factor));
    this.#x = at.x - ((at.x - this.#x) * next) / this.#scale;
    this.#y = at.y - ((at.y - this.#y) * next) / this.#scale;
    this.#scale = next;
    this.#keep();
  }

  /** Bring a point of the picture into sight. */
  show(place: Place): void {
    const { x, y } = this.seen(place);
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    if (x > 60 && y > 60 && x < width - 60 && y < height - 90 && this.#scale > 0.35) return;
    this.#scale = Math.max(this.#scale, 0.8);
    this.#x = width / 2 - place.x * this.#scale;
    this.#y = height / 2 - place.y * this.#scale;
    this.#keep();
  }

  /** Where a point of the picture is in the window. */
  seen(place: Place): Place {
    return { x: this.#x + place.x * this.#scale, y: this.#y + place.y * this.#scale };
  }

  apply(): void {
    const picture = this.picture();
    if (!picture) return;
    picture.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    picture.classList.toggle("far", this.#scale < FAR);
  }

  /** While it moves, the browser moves what it has painted; it paints anew, and we remember, when it stands still. */
  #keep(): void {
    this.apply();
    this.picture()?.classList.add("moving");
    clearTimeout(this.#still);
    this.#still = setTimeout(() => {
      this.picture()?.classList.remove("moving");
      sessionStorage.setItem(this.name, JSON.stringify([this.#x, this.#y, this.#scale, this.#size]));
    }, 160);
  }
}
