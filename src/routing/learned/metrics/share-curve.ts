/** What a score that asks for the strong model is to be judged by, per query. */
export interface StrongWeak {
  /** The higher, the more the query is said to need the strong model. Only the order counts. */
  readonly scores: ArrayLike<number>;
  readonly weak: ArrayLike<number>;
  readonly strong: ArrayLike<number>;
}

/** The router at one threshold. */
export interface SharePoint {
  /** Share of queries that go to the strong model. */
  readonly share: number;
  /** Performance gap recovered: (r − weak) / (strong − weak). */
  readonly recovered: number;
}

/**
 * PGR at every threshold of the score, by growing share, from (0, 0) to (1, 1). Queries of equal score cross the
 * threshold together. Undefined where both models are equally good, or a score is not a number (Ong and others,
 * RouteLLM, 2024).
 */
export const shareCurve = ({ scores, weak, strong }: StrongWeak): readonly SharePoint[] | undefined => {
  const { length } = scores;
  const order = Array.from({ length }, (_, index) => index);
  const scoreOf = (index: number): number => scores[index] ?? Number.NaN;
  const gainOf = (index: number): number => (strong[index] ?? 0) - (weak[index] ?? 0);
  if (order.some((index) => Number.isNaN(scoreOf(index)))) return undefined;
  order.sort((a, b) => scoreOf(b) - scoreOf(a) || 0);
  const total = order.reduce((sum, index) => sum + gainOf(index), 0);
  if (total === 0) return undefined;
  const points: SharePoint[] = [{ share: 0, recovered: 0 }];
  let gained = 0;
  for (const [position, index] of order.entries()) {
    gained += gainOf(index);
    const next = order[position + 1];
    if (next === undefined || scoreOf(next) !== scoreOf(index))
      points.push({ share: (position + 1) / length, recovered: gained / total });
  }
  return points;
};

/** APGR: PGR integrated over the share of strong calls. Between two thresholds queries are drawn at random. */
export const averageGapRecovered = (curve: readonly SharePoint[]): number => {
  let area = 0;
  for (const [index, point] of curve.entries()) {
    const before = curve[index - 1];
    if (before !== undefined) area += ((point.share - before.share) * (point.recovered + before.recovered)) / 2;
  }
  return area;
};

// Sums of fractions miss round figures by the last bits.
const tolerance = 1e-12;

/** CPT(x): the least share of strong calls at which some threshold recovers `wanted` (0–1) of the gap. */
export const callPerformanceThreshold = (curve: readonly SharePoint[], wanted: number): number | undefined =>
  curve.find(({ recovered }) => recovered >= wanted - tolerance)?.share;
