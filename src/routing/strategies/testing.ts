import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import type { Ranking, Strategy, StrategyParts, TargetLoad } from "../../core/ports/strategy.ts";
import type { RoutingWishes } from "../../core/routing-wishes.ts";
import { createStrategy, strategySchema } from "./index.ts";
import { toRanking } from "./to-ranking.ts";

/** For tests: a route's targets by their ids, with their facts. */
export type Targets = Readonly<Record<string, ModelFacts & { readonly weight?: number }>>;

/** For tests: a call and what is known when it comes. */
export interface Situation {
  readonly text?: string;
  readonly request?: Partial<ChatRequest>;
  readonly routing?: RoutingWishes;
  readonly caller?: Partial<Call["caller"]>;
  readonly loads?: Readonly<Record<string, Partial<TargetLoad>>>;
  readonly tokens?: number;
  readonly random?: number;
}

const idle: TargetLoad = { inFlight: 0, latencyMilliseconds: undefined };

/** For tests: reads what a text says of itself. */
const classify: NonNullable<StrategyParts["classify"]> = (text) => ({
  taskKind: text.includes("sum") ? "math" : "other",
  complexity: text.includes("hard") ? "complex" : text.includes("middling") ? "moderate" : "simple",
  complexityConfidence: text.includes("maybe") ? 0.3 : 0.8,
});

/** For tests: one strategy over some targets, with a clock that is set by hand. */
export class Bench {
  readonly strategy: Strategy;
  readonly #made: Targets;
  /** Milliseconds; both clocks show it, the wall's since a Monday, 00:00 UTC. */
  now = 0;

  constructor(settings: object, targets: Targets, kept = new Map<string, unknown>()) {
    this.#made = targets;
    const keep: StrategyParts["keep"] = (name, make) => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as ReturnType<typeof make>;
    };
    const clock = { monotonic: () => this.now, wall: () => Date.UTC(2024, 0, 1) + this.now };
    this.strategy = createStrategy(strategySchema.parse(settings), {
      route: "fast",
      candidates: [],
      clock,
      keep,
      classify,
    });
  }

  /** The call, with its route. */
  call({ text = "Hello", request, routing, caller }: Situation): Call {
    const targets = Object.entries(this.#made).map(([id, { weight: _, ...facts }]) => makeTarget(id, facts));
    const { call } = makeCall({
      targets,
      request: { messages: [{ role: "user", content: [{ type: "text", text }] }], ...request },
      ...(caller === undefined ? {} : { caller }),
      route: {
        candidates: targets.map((target) => ({ target, weight: this.#made[target.id]?.weight ?? 1 })),
      },
    });
    const made = call as unknown as Call;
    return routing === undefined ? made : { ...made, routing };
  }

  rank(situation: Situation = {}, call: Call = this.call(situation)): Ranking {
    return toRanking(
      this.strategy.rank(call.route.candidates, call, {
        sequence: 0,
        random: situation.random ?? 0.5,
        estimatedInputTokens: situation.tokens ?? 1_000,
        load: (id) => ({ ...idle, ...situation.loads?.[id] }),
      }),
    );
  }

  /** The order as one word: each target's first letter, and after `|` those that were filtered. */
  order(situation: Situation = {}): string {
    const { ranked, filtered = [] } = this.rank(situation);
    const letters = (entries: readonly { candidate: { target: { id: string } } }[]): string =>
      entries.map(({ candidate }) => candidate.target.id[0]).join("");
    return filtered.length === 0 ? letters(ranked) : `${letters(ranked)}|${letters(filtered)}`;
  }
}

/** For tests: the order in which settings put targets. */
export const orderOf = (settings: object, targets: Targets, situation?: Situation): string =>
  new Bench(settings, targets).order(situation);
