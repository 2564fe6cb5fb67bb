import type { CascadePlan } from "../../../core/plan.ts";

/** Targets that cascades are made of, at most. */
const poolSize = 9;

/** By so much a target of the first step may seem better than the last one: neither is known for certain. */
const slack = 0.1;

/** What a target alone is expected to be. */
export interface Member {
  readonly quality: number;
  readonly costUsd: number;
}

/** A cascade by the places of its targets: those of the first step, then the last one. */
export interface CascadeShape {
  readonly kind: CascadePlan["kind"];
  readonly first: readonly number[];
  readonly last: number;
}

/** Targets worth asking in a cascade: those of the highest worth at each of several prices around the one of now. */
const poolOf = (members: readonly Member[], lambda: number): readonly number[] => {
  const places = members.map((_, place) => place);
  if (members.length <= poolSize) return places;
  const orders = [0, 1, 4, 0.25].map((factor) => {
    const worth = members.map(({ quality, costUsd }) => quality - factor * lambda * costUsd);
    return places.toSorted((a, b) => (worth[b] as number) - (worth[a] as number));
  });
  const pool = new Set<number>();
  for (const place of places) for (const order of orders) if (pool.size < poolSize) pool.add(order[place] as number);
  return [...pool].toSorted((a, b) => a - b);
};

/**
 * Every cascade that may pay: one or two targets that together cost less than one that seems no worse than each of them,
 * and then that one.
 */
export const possibleCascades = (
  members: readonly Member[],
  { kinds, lambda }: { readonly kinds: readonly CascadePlan["kind"][]; readonly lambda: number },
): readonly CascadeShape[] => {
  const shapes: CascadeShape[] = [];
  const pool = poolOf(members, lambda);
  const paysBefore = (last: number, first: readonly number[]): boolean => {
    const { quality, costUsd } = members[last] as Member;
    let before = 0;
    for (const place of first) {
      const member = members[place] as Member;
      if (place === last || member.quality > quality + slack) return false;
      before += member.costUsd;
    }
    return before < costUsd;
  };
  for (const [at, one] of pool.entries())
    for (const last of pool) {
      if (!paysBefore(last, [one])) continue;
      if (kinds.includes("checked")) shapes.push({ kind: "checked", first: [one], last });
      if (!kinds.includes("agreement")) continue;
      for (const other of pool.slice(at + 1)) {
        const first = [one, other];
        if (paysBefore(last, first)) shapes.push({ kind: "agreement", first, last });
      }
    }
  return shapes;
};
