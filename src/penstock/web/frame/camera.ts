/** Where a large picture stands behind its window, and how large: moved, zoomed, fitted, kept while the tab is open. */
import type { Place } from "./places.ts";

const LEAST = 0.05;
const MOST = 2.5;
/** Below this, words and small drawings cannot be read, so they are not painted. */
const FAR = 0.28;
/** A window narrower than this shows all of the picture at first, however small. */
const NARROW = 600;

/** What is shown stands at least this far from the border. */
const EDGE = 60;

type Kept = [number?, number?, number?, string?, boolean?];

/** How far a number is outside of two others. */
const into = (n: number, low: number, high: number): number => (n < low ? low - n : n > high ? high - n : 0);

export class Camera {
  #x = 0;
  #y = 0;
  #scale = 1;
  #still = 0;
  /** How small it may have become to fit, while nobody has moved it since. */
  #fitted: number | undefined;
  /** Whether fitting showed all of it. */
  #whole = false;

  /** `stage` is the window, `picture` gives what is behind it now, `name` is what its place is kept under. */
  constructor(private readonly stage: HTMLElement, private readonly picture: () => SVGSVGElement | null, private readonly name: string) {}

  /** Where it stood before, or fitted so that it stays readable. A fitted picture stays fitted while the window changes. */
  begin(readable: number): void {
    const [x, y, scale, size, fitted] = JSON.parse(sessionStorage.getItem(this.name) ?? "[]") as Kept;
    const moved = x !== undefined && y !== undefined && scale !== undefined && size === this.#size && fitted !== true;
    if (moved) [this.#x, this.#y, this.#scale] = [x, y, scale];
    else this.fit(this.stage.clientWidth < NARROW ? LEAST : readable);
    this.apply();
    new ResizeObserver(() => this.settle()).observe(this.stage);
  }

  /** All of it, or as much as is not smaller than `least`, from the left. */
  fit(least = LEAST): void {
    const box = this.picture()?.viewBox.baseVal;
    if (!box) return;
    const { width, height } = this.stage.getBoundingClientRect();
    const whole = Math.min((width - 16) / box.width, (height - 64) / box.height, 1.15);
    this.#scale = Math.max(whole, least);
    this.#whole = whole >= least;
    this.#x = Math.max((width - box.width * this.#scale) / 2, 8);
    this.#y = Math.max((height - 48 - box.height * this.#scale) / 2, 8);
    this.#keep(least);
  }

  /** After the picture or its window changed: fitted again, unless somebody moved it. */
  settle(): void {
    if (this.#fitted === undefined) this.apply();
    else this.fit(this.#fitted);
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

  /** Bring a point of the picture into sight, moving as little as will do; `near` also comes closer. */
  show(place: Place, near = false): void {
    this.settle();
    if (this.#fitted !== undefined && this.#whole && !near) return;
    if (near && this.#scale < 0.35) this.zoom(0.8 / this.#scale, this.seen(place));
    const { x, y } = this.seen(place);
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const [right, down] = [into(x, EDGE, width - EDGE), into(y, EDGE, height - 1.5 * EDGE)];
    if (right || down) this.move(right, down);
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
  #keep(fitted?: number): void {
    this.#fitted = fitted;
    this.apply();
    this.picture()?.classList.add("moving");
    clearTimeout(this.#still);
    this.#still = setTimeout(() => {
      this.picture()?.classList.remove("moving");
      sessionStorage.setItem(this.name, JSON.stringify([this.#x, this.#y, this.#scale, this.#size, fitted !== undefined]));
    }, 160);
  }
}
