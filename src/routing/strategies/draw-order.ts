import type { Candidate } from "../../core/route.ts";

/** Draws candidates one after the other in proportion to their weights, from one uniform number. */
export const drawOrder = (
  candidates: readonly Candidate[],
  uniform: number,
  weightOf: (candidate: Candidate) => number,
): readonly Candidate[] => {
  const rest = [...candidates];
  const order: Candidate[] = [];
  let number = uniform;
  while (rest.length > 0) {
    const total = rest.reduce((sum, candidate) => sum + weightOf(candidate), 0);
    if (total <= 0) return [...order, ...rest];
    let point = number * total;
    let index = 0;
    for (; index < rest.length - 1; index++) {
      const weight = weightOf(rest[index] as Candidate);
      if (point < weight) break;
      point -= weight;
    }
    const [drawn] = rest.splice(index, 1);
    if (drawn === undefined) break;
    order.push(drawn);
    // Where in its own share the point fell is uniform again: the next draw's number.
    const share = weightOf(drawn);
    number = share > 0 ? Math.min(point / share, 1 - Number.EPSILON) : number;
  }
  return order;
};
