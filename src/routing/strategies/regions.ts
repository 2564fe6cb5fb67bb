import { z } from "zod";
import type { Call } from "../../core/call.ts";
import type { FilteredOut, Ranked, StrategyDefinition } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

const region = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/i, "expected a region such as eu or eu-central-1");
const regions = z.array(region).min(1);
const shape = {
  default: region.optional(),
  tenants: z.record(z.string().min(1), region).default({}),
  neighbours: z.record(region, regions).default({}),
  within: regions.optional(),
};

interface Options {
  /** Where callers are that say nothing. */
  readonly default?: string | undefined;
  readonly tenants: Readonly<Record<string, string>>;
  /** Of a region those that come next, nearest first. */
  readonly neighbours: Readonly<Record<string, readonly string[]>>;
  /** No target elsewhere, nor one whose region is not known. */
  readonly within?: readonly string[] | undefined;
}

/** `eu` holds `eu-central-1`. */
const holds = (outer: string, inner: string): boolean => {
  const [one, other] = [outer.toLowerCase(), inner.toLowerCase()];
  return other === one || other.startsWith(`${one}-`);
};

/** 0 for the caller's own region, then what neighbours are listed with, then these; Infinity for others. */
const distance = (from: string, to: string, neighbours: Options["neighbours"]): number => {
  if (holds(from, to) || holds(to, from)) return 0;
  const [home, near] = Object.entries(neighbours).find(([name]) => holds(name, from)) ?? [from, []];
  if (holds(home, to)) return 0.5;
  const place = near.findIndex((name) => holds(name, to));
  return place === -1 ? Number.POSITIVE_INFINITY : place + 1;
};

const placed = (
  from: string | undefined,
  to: string | undefined,
  neighbours: Options["neighbours"],
): Omit<Ranked, "candidate"> => {
  if (from === undefined) return { score: 0, reason: "the caller's region is not known" };
  if (to === undefined) return { score: -1_001, reason: "its region is not known" };
  const far = distance(from, to, neighbours);
  if (far === 0) return { score: 0, reason: `in ${to}, where the caller is` };
  if (far === Number.POSITIVE_INFINITY) return { score: -1_000, reason: `in ${to}, far from ${from}` };
  return { score: -far, reason: `in ${to}, near ${from}` };
};

/**
 * Targets near the caller first: the same region, its neighbours as listed, then others. The caller's region is what the
 * request says, else the tenant's, else the default. With `within`, no target outside those regions is asked, wherever
 * the caller says to be.
 */
export const byRegion: StrategyDefinition<Options> = {
  kind: "regions",
  options: z.strictObject(shape),
  create: ({ default: usual, tenants, neighbours, within }) => {
    const regionOf = ({ caller, routing }: Call): string | undefined =>
      routing?.region ?? (Object.hasOwn(tenants, caller.tenant) ? tenants[caller.tenant] : usual);
    return {
      kind: "regions",
      ...(within === undefined ? {} : { asksAlways: true }),
      rank(candidates, call) {
        const from = regionOf(call);
        const ranked: Ranked[] = [];
        const filtered: FilteredOut[] = [];
        for (const candidate of candidates) {
          const to = candidate.target.facts.region;
          if (within === undefined || (to !== undefined && within.some((name) => holds(name, to))))
            ranked.push({ candidate, ...placed(from, to, neighbours) });
          else {
            const reason = to === undefined ? "its region is not known" : `it is in ${to}`;
            filtered.push({ candidate, reason: `${reason}; calls stay within ${within.join(", ")}` });
          }
        }
        return { ranked: byScore(ranked), filtered };
      },
    };
  },
  filters: ({ within }) => within !== undefined,
};
