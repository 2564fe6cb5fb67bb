import { z } from "zod";
import type { Call } from "../../core/call.ts";
import type {
  Features,
  FilteredOut,
  Ranked,
  Ranking,
  Strategy,
  StrategyDefinition,
} from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { type NestedStrategies, problemsAt, type StrategySettings } from "./nested-strategies.ts";
import { priority } from "./priority.ts";
import { toRanking } from "./to-ranking.ts";

interface Composition {
  readonly filters: readonly Strategy[];
  readonly rank: Strategy;
  readonly tieBreak?: Strategy | undefined;
  /** Scores that differ by less than this share of the greater one are equal. */
  readonly tolerance: number;
}

interface Asked {
  readonly call: Call;
  readonly features: Features;
}

/** With the candidates that were ranked, in the route's order. */
interface AskedForTies extends Asked {
  readonly left: readonly Candidate[];
}

interface Sifted {
  readonly left: readonly Candidate[];
  readonly filtered: readonly FilteredOut[];
  readonly notes: readonly string[];
}

/** A filter that fails lets nobody through: it may stand for what must not happen. */
const failedFilter = ({ kind }: Strategy, candidates: readonly Candidate[]): Ranking => ({
  ranked: [],
  filtered: candidates.map((candidate) => ({ candidate, reason: `the filter '${kind}' failed` })),
});

const applyFilter = (filter: Strategy, candidates: readonly Candidate[], { call, features }: Asked): Ranking => {
  try {
    return toRanking(filter.rank(candidates, call, features));
  } catch {
    return failedFilter(filter, candidates);
  }
};

const sift = (filters: readonly Strategy[], candidates: readonly Candidate[], asked: Asked): Sifted => {
  let left = candidates;
  const filtered: FilteredOut[] = [];
  const notes: string[] = [];
  for (const filter of filters) {
    if (left.length === 0) break;
    const answer = applyFilter(filter, left, asked);
    if (answer.notes !== undefined) notes.push(...answer.notes);
    if (answer.filtered === undefined || answer.filtered.length === 0) continue;
    filtered.push(...answer.filtered);
    const out = new Set(answer.filtered.map(({ candidate }) => candidate));
    left = left.filter((candidate) => !out.has(candidate));
  }
  return { left, filtered, notes };
};

const isEqual = (one: number, other: number, tolerance: number): boolean =>
  one === other || Math.abs(one - other) <= tolerance * Math.max(Math.abs(one), Math.abs(other));

/** Orders those whose scores are equal to the first of them by another strategy. */
const breakTies = (
  ranked: readonly Ranked[],
  { tieBreak, tolerance }: Composition,
  asked: AskedForTies,
): readonly Ranked[] => {
  if (tieBreak === undefined || ranked.length < 2) return ranked;
  const ordered: Ranked[] = [];
  for (let start = 0; start < ranked.length; ) {
    const lead = (ranked[start] as Ranked).score;
    let end = start + 1;
    while (end < ranked.length && isEqual(lead, (ranked[end] as Ranked).score, tolerance)) end++;
    const group = ranked.slice(start, end);
    ordered.push(...(group.length < 2 ? group : orderGroup(group, tieBreak, asked)));
    start = end;
  }
  return ordered;
};

const orderGroup = (
  group: readonly Ranked[],
  tieBreak: Strategy,
  { left, call, features }: AskedForTies,
): readonly Ranked[] => {
  const entries = new Map(group.map((entry) => [entry.candidate, entry]));
  const { ranked } = toRanking(
    tieBreak.rank(
      left.filter((candidate) => entries.has(candidate)),
      call,
      features,
    ),
  );
  const ordered = ranked.flatMap(({ candidate, reason }) => {
    const entry = entries.get(candidate);
    return entry !== undefined && entries.delete(candidate)
      ? [{ ...entry, reason: `${entry.reason}; of equals: ${reason}` }]
      : [];
  });
  // A tie-break excludes nobody: those that it leaves out come last.
  return [...ordered, ...entries.values()];
};

/** Asks the ranking strategy; the candidates' own order where it fails, so that what was filtered stays so. */
const rankLeft = (rank: Strategy, left: readonly Candidate[], { call, features }: Asked): Ranking => {
  if (left.length === 1 && left[0] !== undefined && rank.asksAlways === undefined)
    return { ranked: [{ candidate: left[0], score: 0, reason: "the only target left" }] };
  try {
    const answer = toRanking(rank.rank(left, call, features));
    if (answer.ranked.length + (answer.filtered?.length ?? 0) === left.length) return answer;
  } catch {
    // As where it loses a candidate.
  }
  const note = `strategy '${rank.kind}' failed: the route's own order was taken`;
  return { ranked: priority.rank(left, call, features), notes: [note] };
};

/** Filters, then ranks, then orders those that are equally good. */
export const compose = (composition: Composition): Strategy => {
  const { filters, rank, tieBreak } = composition;
  const all = [...filters, rank, ...(tieBreak === undefined ? [] : [tieBreak])];
  return {
    kind: rank.kind,
    ...(filters.length > 0 || rank.asksAlways ? { asksAlways: true } : {}),
    ...(all.some(({ readsQuota }) => readsQuota) ? { readsQuota: true } : {}),
    rank(candidates, call, features) {
      const asked = { call, features };
      const sifted = sift(filters, candidates, asked);
      if (sifted.left.length === 0) return { ranked: [], filtered: sifted.filtered, notes: sifted.notes };
      const answer = rankLeft(rank, sifted.left, asked);
      return {
        ...answer,
        ranked: breakTies(answer.ranked, composition, { ...asked, left: sifted.left }),
        filtered: [...sifted.filtered, ...(answer.filtered ?? [])],
        notes: [...sifted.notes, ...(answer.notes ?? [])],
      };
    },
  };
};

const optionsOf = (nested: NestedStrategies) => ({
  filter: z
    .array(
      nested.schema.refine((settings) => nested.filters(settings), {
        error: "excludes no target with these options: a filter must",
      }),
    )
    .default([]),
  rank: nested.schema,
  tieBreak: nested.schema.optional(),
  tolerance: z.number().min(0).max(0.99).default(0),
});

interface ComposedOptions {
  readonly filter: readonly StrategySettings[];
  readonly rank: StrategySettings;
  readonly tieBreak?: StrategySettings | undefined;
  readonly tolerance: number;
}

/** `{ filter: […], rank: {…}, tieBreak: {…}, tolerance }`. */
export const composedDefinition = (nested: NestedStrategies): StrategyDefinition<ComposedOptions> => ({
  kind: "composed",
  options: z.strictObject(optionsOf(nested)) as unknown as z.ZodType<ComposedOptions>,
  create: ({ filter, rank, tieBreak, tolerance }, parts) =>
    compose({
      filters: filter.map((settings) => nested.create(settings, parts)),
      rank: nested.create(rank, parts),
      tieBreak: tieBreak && nested.create(tieBreak, parts),
      tolerance,
    }),
  filters: ({ filter, rank }) => filter.length > 0 || nested.filters(rank),
  problems: ({ filter, rank, tieBreak }, targets) => [
    ...filter.flatMap((settings, index) => problemsAt(["filter", index], nested.problems(settings, targets))),
    ...problemsAt(["rank"], nested.problems(rank, targets)),
    ...(tieBreak === undefined ? [] : problemsAt(["tieBreak"], nested.problems(tieBreak, targets))),
  ],
});
