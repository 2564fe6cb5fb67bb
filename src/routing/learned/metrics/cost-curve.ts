/** A way to answer, on average over the queries. */
export interface CostPoint {
  /** USD per query. */
  readonly cost: number;
  /** 0–1. */
  readonly quality: number;
}

const cross = (a: CostPoint, b: CostPoint, c: CostPoint): number =>
  (b.cost - a.cost) * (c.quality - a.quality) - (b.quality - a.quality) * (c.cost - a.cost);

/**
 * The non-decreasing convex hull: from the cheapest point upwards, the best that mixing two of the points at random can
 * do, never going down (Hu and others, RouterBench, 2024). Points with costs or qualities that are no numbers are left out.
 */
export const costHull = (points: readonly CostPoint[]): readonly CostPoint[] => {
  const sorted = points
    .filter(({ cost, quality }) => Number.isFinite(cost) && Number.isFinite(quality))
    .toSorted((a, b) => a.cost - b.cost || b.quality - a.quality);
  const hull: CostPoint[] = [];
  for (const point of sorted) {
    const last = hull.at(-1);
    if (last !== undefined && point.quality <= last.quality) continue;
    for (;;) {
      const [a, b] = hull.slice(-2);
      if (a === undefined || b === undefined || cross(a, b, point) < 0) break;
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
};

export interface CostRange {
  readonly from: number;
  readonly to: number;
}

/** From the least to the largest cost among the points. */
export const costRange = (points: readonly CostPoint[]): CostRange => ({
  from: points.reduce((least, { cost }) => Math.min(least, cost), Number.POSITIVE_INFINITY),
  to: points.reduce((most, { cost }) => Math.max(most, cost), Number.NEGATIVE_INFINITY),
});

/** Quality that a hull reaches at a cost; 0 below its cheapest point, flat above its dearest. */
export const qualityAt = (hull: readonly CostPoint[], cost: number): number => {
  const above = hull.findIndex((point) => point.cost >= cost);
  if (above === -1) return hull.at(-1)?.quality ?? 0;
  const right = hull[above];
  const left = hull[above - 1];
  if (right === undefined || (left === undefined && right.cost > cost)) return 0;
  if (left === undefined || right.cost === left.cost) return right.quality;
  return left.quality + ((right.quality - left.quality) * (cost - left.cost)) / (right.cost - left.cost);
};

/**
 * AIQ: the area under the hull, extended flat to the end of the range, over the range's length. To compare routers, give
 * them one range. Undefined where the range has no length.
 */
export const averageImprovementInQuality = (
  points: readonly CostPoint[],
  range: CostRange = costRange(points),
): number | undefined => {
  const hull = costHull(points);
  const { from, to } = range;
  if (!(to > from)) return undefined;
  const start = Math.max(from, hull[0]?.cost ?? to);
  const stops = [start, ...hull.map(({ cost }) => cost).filter((cost) => cost > start && cost < to), to];
  let area = 0;
  for (const [index, stop] of stops.entries()) {
    const before = stops[index - 1];
    if (before !== undefined && stop > before)
      area += ((stop - before) * (qualityAt(hull, stop) + qualityAt(hull, before))) / 2;
  }
  return area / (to - from);
};

const tolerance = 1e-12;

/**
 * Saved @ x, read off the curve: 1 − cost/cost_best at the least cost of the hull with quality ≥ `share` of the best
 * constant's. Undefined where the curve never gets there.
 */
export const savedOnCurve = (points: readonly CostPoint[], best: CostPoint, share: number): number | undefined => {
  const wanted = share * best.quality - tolerance;
  const hull = costHull(points);
  const above = hull.findIndex(({ quality }) => quality >= wanted);
  const right = hull[above];
  if (right === undefined || best.cost === 0) return undefined;
  const left = hull[above - 1];
  const cost =
    left === undefined
      ? right.cost
      : left.cost + ((right.cost - left.cost) * (wanted - left.quality)) / (right.quality - left.quality);
  return 1 - cost / best.cost;
};

/** What a policy saved and kept, as it was carried out: shares of the best constant's cost and quality. */
export const savedRealised = (
  policy: CostPoint,
  best: CostPoint,
): { readonly saved: number; readonly kept: number } => ({
  saved: 1 - policy.cost / best.cost,
  kept: policy.quality / best.quality,
});
