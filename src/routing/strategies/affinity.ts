import { z } from "zod";
import { BoundedMap } from "../../core/bounded-map.ts";
import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type {
  Features,
  Ranked,
  Ranking,
  Strategy,
  StrategyDefinition,
  StrategyParts,
} from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { firstText, instructionsText } from "./asked-text.ts";
import { type NestedStrategies, problemsAt, type StrategySettings } from "./nested-strategies.ts";
import { priority } from "./priority.ts";
import { digest, rendezvous } from "./rendezvous.ts";
import { toRanking } from "./to-ranking.ts";

const kinds = ["session", "user", "prefix"] as const;
type Kind = (typeof kinds)[number];

interface Options {
  /** What calls belong together by; `auto`: the first of session, user and prefix that the call has. */
  readonly by: Kind | "auto";
  readonly ttlMilliseconds: number;
  readonly maxEntries: number;
  /** Where a new conversation goes; absent: by the hash of its key. */
  readonly first?: StrategySettings | undefined;
}

/** What a conversation's prefix is, of which providers keep what they computed. */
const prefixOf = (call: Call): string | undefined => {
  const [instructions, first] = [instructionsText(call), firstText(call)];
  return instructions === "" && first === "" ? undefined : `${instructions}\n\n${first}`;
};

const values: Readonly<Record<Kind, (call: Call) => string | undefined>> = {
  session: ({ routing }) => routing?.session,
  user: ({ request, caller }) => (request as Partial<ChatRequest>).user ?? caller.userId ?? undefined,
  prefix: prefixOf,
};

interface Key {
  readonly kind: Kind;
  readonly text: string;
}

/** Tenants never share a key. */
const keyOf = (call: Call, by: Options["by"]): Key | undefined => {
  for (const kind of by === "auto" ? kinds : [by]) {
    const value = values[kind](call);
    if (value !== undefined && value !== "") return { kind, text: digest(`${call.caller.tenant}\n${kind}\n${value}`) };
  }
  return undefined;
};

/** Where each conversation was answered last. */
class Places {
  readonly #places: BoundedMap<string, { target: string; until: number }>;

  constructor(maxEntries: number) {
    this.#places = new BoundedMap(maxEntries);
  }

  find(key: string, now: number): string | undefined {
    const place = this.#places.get(key);
    return place !== undefined && place.until > now ? place.target : undefined;
  }

  put(key: string, target: string, until: number): void {
    const place = this.#places.getOrMake(key, () => ({ target, until }));
    place.target = target;
    place.until = until;
  }
}

/** The conversation's own target first. */
const stay = (hashed: readonly Ranked[], target: string, { kind }: Key): readonly Ranked[] => {
  const own = hashed.find(({ candidate }) => candidate.target.id === target);
  if (own === undefined) return hashed;
  const score = 1 + (hashed[0] as Ranked).score;
  return [{ ...own, score, reason: `answered the same ${kind} last` }, ...hashed.filter((entry) => entry !== own)];
};

class Affinity implements Strategy {
  readonly kind = "affinity";
  readonly #options: Options;
  readonly #first: Strategy | undefined;
  readonly #places: Places;
  readonly #clock: StrategyParts["clock"];

  constructor(options: Options, { keep, clock }: StrategyParts, first: Strategy | undefined) {
    this.#options = options;
    this.#first = first;
    this.#clock = clock;
    this.#places = keep(`affinity ${options.by} ${options.maxEntries}`, () => new Places(options.maxEntries));
  }

  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[] | Ranking {
    const key = keyOf(call, this.#options.by);
    if (key === undefined) return (this.#first ?? priority).rank(candidates, call, features);
    this.#follow(key, call);
    const target = this.#places.find(key.text, this.#clock.monotonic());
    const isThere = target !== undefined && candidates.some((candidate) => candidate.target.id === target);
    if (!isThere && this.#first !== undefined) return toRanking(this.#first.rank(candidates, call, features));
    const hashed = rendezvous(key.text, candidates).map(
      (entry): Ranked => ({ ...entry, reason: `by the hash of the ${key.kind}` }),
    );
    return isThere ? stay(hashed, target, key) : hashed;
  }

  /** Where the call is answered is where the next one goes, also after a fallback: that is where the cache is warm. */
  #follow(key: Key, { scope }: Call): void {
    scope.whenOver(({ outcome, target }) => {
      if (outcome === "ok" && target !== null)
        this.#places.put(key.text, target, this.#clock.monotonic() + this.#options.ttlMilliseconds);
    });
  }
}

/**
 * Calls of one conversation go to one target, so that what its provider keeps of the prompt is used again. A new one is
 * placed by rendezvous hashing, by which processes agree without talking; then it stays where it was answered last.
 */
export const affinityDefinition = (nested: NestedStrategies): StrategyDefinition<Options> => ({
  kind: "affinity",
  options: z.strictObject({
    by: z.enum(["auto", ...kinds]).default("auto"),
    ttlMilliseconds: z.number().int().min(1_000).max(86_400_000).default(3_600_000),
    maxEntries: z.number().int().min(1).max(1_000_000).default(20_000),
    // Once a conversation has its target, nobody asks this one again.
    first: nested.schema
      .refine((settings) => !nested.filters(settings), { error: "must exclude no target: put that under 'filter'" })
      .optional(),
  }),
  create: (options, parts) => new Affinity(options, parts, options.first && nested.create(options.first, parts)),
  problems: ({ first }, targets) => (first === undefined ? [] : problemsAt(["first"], nested.problems(first, targets))),
});
