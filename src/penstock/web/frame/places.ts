/** Points of a picture: where a node stands, which one is nearest on a side, how far two are apart. */

export interface Place { x: number; y: number }

const SIDES: Record<string, [number, number]> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y);

/** Where a node was put by its `transform`. */
export function placeOf(node: SVGGElement | undefined): Place | undefined {
  const [x, y] = node?.getAttribute("transform")?.match(/-?[\d.]+/g)?.map(Number) ?? [];
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** The node that an arrow key leads to: near, and more along the arrow than aside. */
export function nearest(key: string, now: SVGGElement | undefined, nodes: readonly SVGGElement[]): SVGGElement | undefined {
  const from = placeOf(now);
  const [dx, dy] = SIDES[key] ?? [0, 0];
  if (!from) return undefined;
  const far = (node: SVGGElement): number => {
    const to = placeOf(node) ?? from;
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    return along > 1 ? along + 2 * aside : Infinity;
  };
  return nodes.map((node) => ({ node, far: far(node) })).filter((n) => n.far < Infinity).sort((a, b) => a.far - b.far)[0]?.node;
}

/** Stretch a box between two points. */
export function stretch(band: HTMLElement, a: Place, b: Place): void {
  Object.assign(band.style, {
    left: `${Math.min(a.x, b.x)}px`, top: `${Math.min(a.y, b.y)}px`, width: `${Math.abs(a.x - b.x)}px`, height: `${Math.abs(a.y - b.y)}px`,
  });
}
