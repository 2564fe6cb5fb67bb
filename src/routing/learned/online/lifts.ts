/** Parts of a decision by doubly robust estimation: quality and cost for the policy and each single target. */
export interface Parts {
  readonly lambda: number;
  readonly choice: Point;
  readonly constants: ReadonlyMap<string, Point>;
}
export interface Point {
  readonly quality: number;
  readonly costUsd: number;
}

export interface Lift {
  readonly against: string;
  readonly value: number;
  /** Lower end of the 95 % interval. */
  readonly lower: number;
}

/** Two-sided 95 %, shared by the two stretches of calls that are looked at (Bonferroni). */
export const deviations = 2.24;
/** Sums of differences, from which their mean and its standard error follow. */
interface Sums {
  count: number;
  sum: number;
  squares: number;
}
const noSums = (): Sums => ({ count: 0, sum: 0, squares: 0 });
const add = (sums: Sums, value: number): void => {
  sums.count++;
  sums.sum += value;
  sums.squares += value * value;
};

const liftOf = ({ count, sum, squares }: Sums, against: string): Lift => {
  const value = count === 0 ? 0 : sum / count;
  const variance = count < 2 ? Number.POSITIVE_INFINITY : Math.max(0, squares - count * value * value) / (count - 1);
  return { against, value, lower: value - deviations * Math.sqrt(variance / Math.max(1, count)) };
};

export interface Lifts {
  readonly overConstant: Lift;
  readonly overZeroRouter: Lift;
}

export const liftsOf = (parts: readonly Parts[]): Lifts | undefined => {
  const overConstant = liftOverConstant(parts);
  const overZeroRouter = liftOverZeroRouter(parts);
  return overConstant === undefined || overZeroRouter === undefined ? undefined : { overConstant, overZeroRouter };
};

/** A target must have been weighed in nearly all decisions. */
const leastShare = 0.9;
const isConstant = ({ count }: Sums, parts: readonly Parts[]): boolean => count >= parts.length * leastShare;

const sumsOf = <Value>(all: Map<string, Value>, target: string, make: () => Value): Value => {
  const known = all.get(target) ?? make();
  all.set(target, known);
  return known;
};

const utilityOf = ({ quality, costUsd }: Point, lambda: number): number => quality - lambda * costUsd;

/**
 * Utility of the policy less that of always the same target, call by call: against the target for which this is least
 * certain to be a gain. So no target needs to be known to be the best.
 */
export const liftOverConstant = (parts: readonly Parts[]): Lift | undefined => {
  const all = new Map<string, Sums>();
  for (const { constants, choice, lambda } of parts) {
    const utility = utilityOf(choice, lambda);
    for (const [target, point] of constants) add(sumsOf(all, target, noSums), utility - utilityOf(point, lambda));
  }
  let least: Lift | undefined;
  for (const [target, sums] of all) {
    if (!isConstant(sums, parts)) continue;
    const lift = liftOf(sums, target);
    if (least === undefined || lift.lower < least.lower) least = lift;
  }
  return least;
};

export interface Vertex extends Point {
  readonly target: string;
}

/** The corners of what mixtures of single targets can reach, by cost. */
export const hullOf = (points: readonly Vertex[]): readonly Vertex[] => {
  const hull: Vertex[] = [];
  for (const point of points.toSorted((a, b) => a.costUsd - b.costUsd || b.quality - a.quality)) {
    const top = hull.at(-1);
    if (top !== undefined && point.quality <= top.quality) continue;
    while (hull.length > 1) {
      const [a, b] = [hull.at(-2) as Vertex, hull.at(-1) as Vertex];
      const isBelow =
        (b.quality - a.quality) * (point.costUsd - a.costUsd) <= (point.quality - a.quality) * (b.costUsd - a.costUsd);
      if (!isBelow) break;
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
};

/** Mean quality and cost of each target alone. */
const meansOf = (parts: readonly Parts[]): readonly Vertex[] => {
  const all = new Map<string, { readonly quality: Sums; readonly cost: Sums }>();
  for (const { constants } of parts)
    for (const [target, { quality, costUsd }] of constants) {
      const sums = sumsOf(all, target, () => ({ quality: noSums(), cost: noSums() }));
      add(sums.quality, quality);
      add(sums.cost, costUsd);
    }
  return [...all]
    .filter(([, { quality }]) => isConstant(quality, parts))
    .map(([target, { quality, cost }]) => ({
      target,
      quality: quality.sum / quality.count,
      costUsd: cost.sum / cost.count,
    }));
};

/** Quality of the policy less that of the mixture of two targets which costs the same (the "zero router"). */
export const liftOverZeroRouter = (parts: readonly Parts[]): Lift | undefined => {
  const hull = hullOf(meansOf(parts));
  const costUsd = parts.reduce((sum, { choice }) => sum + choice.costUsd, 0) / parts.length;
  const above = hull.findIndex((vertex) => vertex.costUsd >= costUsd);
  const dear = above === -1 ? hull.at(-1) : hull[above];
  if (dear === undefined) return undefined;
  const cheap = above <= 0 ? dear : (hull[above - 1] as Vertex);
  const share = dear === cheap ? 1 : (costUsd - cheap.costUsd) / (dear.costUsd - cheap.costUsd);
  const sums = noSums();
  for (const { constants, choice } of parts) {
    const [a, b] = [constants.get(cheap.target), constants.get(dear.target)];
    if (a !== undefined && b !== undefined) add(sums, choice.quality - (1 - share) * a.quality - share * b.quality);
  }
  return liftOf(sums, dear === cheap ? dear.target : `${cheap.target} and ${dear.target}`);
};
