import type { Call } from "../../core/call.ts";
import type { DecisionDetail } from "../../core/decision.ts";
import type {
  Features,
  Ranked,
  Ranking,
  Strategy,
  StrategyDefinition,
  StrategyParts,
} from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { offeredKinds } from "./cascades/offered-kinds.ts";
import { type TrainedCascades, weighCascades } from "./cascades/weigh-cascades.ts";
import { featuresOf } from "./features/features-of.ts";
import { packFeatures } from "./features/pack.ts";
import { openPrior } from "./model-prior.ts";
import { type Drawn, draw } from "./online/explore.ts";
import type { Pacer } from "./online/pacer.ts";
import { RouteLearning } from "./online/route-learning.ts";
import { firstLambda, type LearnedOptions, learnedOptions, usdPerCallOf, usualGate } from "./options.ts";
import type { Prior } from "./prior.ts";
import { promptTextOf } from "./prompt-text.ts";
import { dearestUsdOf } from "./target-cost.ts";
import { asExpected, cascadeDetailOf, planOf, reasonOf, rounded } from "./tell-action.ts";
import { type Weighed, type WeighedTarget, weigh } from "./weigh.ts";

/** Under this name a route keeps what it has learned. */
export const learningName = "learned";

/** How fast λ follows a promise of quality, against how fast it follows money. */
const promiseSpeed = 10;

/** What stands for the version of a target's model: where it changes, what was learned of it may not hold. */
const versionOf = ({ target }: Candidate): string => {
  const { name, releaseDate, knowledge } = target.facts;
  return JSON.stringify([name, releaseDate, knowledge]);
};

/** Whoever calls for something sensitive is no subject of trials: metadata `sensitive` or `explore: false` says so. */
const mayTry = ({ request }: Call): boolean => {
  const metadata = "metadata" in request ? request.metadata : undefined;
  if (metadata === undefined) return true;
  const { sensitive, explore } = metadata;
  return (
    (sensitive === undefined || sensitive === false || sensitive === "false") &&
    explore !== false &&
    explore !== "false"
  );
};

/** What a target may be good for, a standard deviation above what is thought. */
const hopeOf = ({ quality, prospect }: Weighed): number => Math.min(1, quality + prospect.doubt);

const isStreamed = ({ request }: Call): boolean => "stream" in request && request.stream === true;

interface Chosen {
  readonly drawn: Drawn;
  readonly binding: string;
}

interface LearnedParts extends Pick<StrategyParts, "clock" | "classify"> {
  readonly learning: RouteLearning;
  readonly prior: Prior;
  readonly lambda: number;
  /** What the model file says of cascades; absent where it says nothing. */
  readonly trainedCascades: TrainedCascades | undefined;
}

/** The strategy of one route in one configuration; what it learns outlives it. */
class Learned implements Strategy {
  readonly kind = "learned";
  /** The only candidate is told of too: its rewards are learned from. */
  readonly asksAlways = true;
  readonly #options: LearnedOptions;
  readonly #learning: RouteLearning;
  readonly #prior: Prior;
  readonly #firstLambda: number;
  readonly #clock: StrategyParts["clock"];
  readonly #classify: StrategyParts["classify"];
  readonly #trainedCascades: TrainedCascades | undefined;

  constructor(options: LearnedOptions, { learning, prior, lambda, clock, classify, trainedCascades }: LearnedParts) {
    this.#options = options;
    this.#learning = learning;
    this.#prior = prior;
    this.#firstLambda = lambda;
    this.#clock = clock;
    this.#classify = classify;
    this.#trainedCascades = trainedCascades;
  }

  rank(candidates: readonly Candidate[], call: Call, features: Features): readonly Ranked[] | Ranking {
    const prompt = promptTextOf(call);
    if (prompt === undefined) return candidates.map(asListed);
    const { caller, request } = call;
    const learning = this.#learning;
    const { latencyWeight, learn } = this.#options;
    const conversation =
      prompt.turns === 0 && prompt.opening === "" ? "" : `${caller.tenant}\n${caller.keyId}\n${prompt.opening}`;
    const now = this.#clock.monotonic();
    const warmTarget = prompt.turns === 0 ? undefined : learning.conversations.warm(conversation, now);
    const inputTokens = features.estimatedInputTokens;
    const read = featuresOf(prompt.text);
    const lambda = this.#lambda();
    const served = learning.servedFor(conversation === "" ? call.id : conversation);
    const known = {
      prior: this.#prior.look(read, prompt.text),
      use: learn ? learning.view(caller.tenant, read, served.beliefs) : undefined,
      learning,
    };
    const weights = { lambda, latencyWeight };
    const targets = weigh(candidates, {
      situation: {
        inputTokens,
        maxOutputTokens: "maxOutputTokens" in request ? request.maxOutputTokens : undefined,
        warm:
          warmTarget === undefined
            ? undefined
            : { target: warmTarget, tokens: Math.max(0, inputTokens - Math.ceil(prompt.text.length / 4)) },
        load: features.load,
      },
      ...{ known, weights },
    });
    const kinds = this.#options.cascades ? offeredKinds(call) : [];
    const weighed: readonly Weighed[] =
      kinds.length === 0
        ? targets
        : [
            ...targets,
            ...weighCascades(targets, {
              ...{ kinds, known, weights, isWarm: warmTarget !== undefined },
              answers: isStreamed(call) ? "streamed" : "whole",
              trained: this.#trainedCascades,
            }),
          ];
    const { drawn, binding } = this.#choose(weighed, {
      share: warmTarget === undefined && mayTry(call) ? this.#share(now) : 0,
      uniform: features.random,
    });
    const taken = weighed[drawn.place] as Weighed;
    if (drawn.explored && !features.isDryRun) learning.exploration.begin(call.id, { expectedUsd: taken.costUsd, now });
    if (!features.isDryRun) {
      // Who answers of a cascade is not known yet: no target has the conversation.
      if (taken.candidate !== undefined) learning.conversations.note(conversation, taken.action, now);
      learning.lambda = lambda;
      this.#pace(weighed, taken);
    }
    const byUtility = weighed.toSorted((a, b) => b.utility - a.utility);
    const kind = this.#classify?.(prompt.text);
    const detail: DecisionDetail = {
      policy: this.kind,
      version: `${this.#prior.version}+${learn ? served.version : 0}`,
      confidence: rounded(taken.quality),
      action: taken.action,
      propensity: drawn.propensity,
      ...(drawn.explored ? { explored: true } : {}),
      ...(lambda > 0 ? { lambda: 1 / lambda } : {}),
      binding,
      ...(kind && { taskKind: kind.taskKind, complexity: kind.complexity }),
      expected: byUtility.map(asExpected),
      ...cascadeDetailOf(taken),
      features: packFeatures(read),
      ...(caller.userId === null ? {} : { userId: caller.userId }),
    };
    const reason = `${binding}: ${reasonOf(taken)}`;
    const singles = byUtility.filter((one): one is WeighedTarget => one.candidate !== undefined);
    const first = singles.filter((one) => one === taken);
    return {
      ranked: [...first, ...singles.filter((one) => one !== taken)].map((one) => ({
        candidate: one.candidate,
        score: rounded(one.utility),
        reason: one === taken ? reason : reasonOf(one),
      })),
      ...planOf(taken, reason),
      detail,
    };
  }

  /** λ of this call: moved where something is to be met on average. */
  #lambda(): number {
    return this.#pacer()?.lambda ?? this.#firstLambda;
  }

  #pacer(): Pacer | undefined {
    const { goal } = this.#options;
    const isPaced = typeof goal === "object" && !("lambda" in goal);
    return isPaced ? this.#learning.pacerFor(JSON.stringify(goal), this.#firstLambda) : undefined;
  }

  /** Moves λ after a decision. Money counts as what it will come to, so that each process paces what it decides. */
  #pace(weighed: readonly Weighed[], taken: Weighed): void {
    const { goal } = this.#options;
    const spend = usdPerCallOf(goal);
    if (spend !== undefined) this.#pacer()?.overspent((taken.costUsd * this.#learning.costBias) / spend - 1);
    if (typeof goal === "object" && "keep" in goal) this.#keepPromise(weighed, goal.keep);
  }

  #choose(weighed: readonly Weighed[], dice: { readonly share: number; readonly uniform: number }): Chosen {
    const { constants, gate } = this.#learning;
    const isServing = this.#options.gate === "off" || gate.verdict.mode === "serving";
    let best = 0;
    weighed.forEach(({ utility }, place) => {
      if (utility > (weighed[best] as Weighed).utility) best = place;
    });
    const singles = weighed.filter(({ candidate }) => candidate !== undefined);
    for (const { action, utility } of singles) constants.note(action, utility);
    let constant = 0;
    singles.forEach(({ action }, place) => {
      if (constants.scoreOf(action) > constants.scoreOf((singles[constant] as Weighed).action)) constant = place;
    });
    const drawn = draw(
      isServing ? best : constant,
      weighed.map(({ prospect }) => prospect),
      { ...dice, favourite: best },
    );
    return { drawn, binding: this.#bindingOf(drawn, { isServing, count: weighed.length }) };
  }

  #bindingOf(drawn: Drawn, { isServing, count }: { readonly isServing: boolean; readonly count: number }): string {
    const { goal } = this.#options;
    if (count === 1) return "only candidate";
    if (drawn.explored) return "trial";
    if (!isServing) return `not proven yet (${this.#learning.gate.verdict.reason}), so the best single target`;
    if (typeof goal === "object" && "keep" in goal) return "promise";
    return typeof goal === "object" && "spend" in goal ? "spend" : "utility";
  }

  /** Share of trials for this call. */
  #share(now: number): number {
    const { explore, learn } = this.#options;
    if (!learn) return 0;
    const { warmUp, share } = explore;
    if (warmUp === undefined || this.#learning.calls >= warmUp.calls) return share;
    return this.#learning.exploration.spentUsd(now) < warmUp.maxUsd ? warmUp.share : share;
  }

  /** λ falls where the choices are expected to be worse than promised, and rises where they are better. */
  #keepPromise(weighed: readonly Weighed[], keep: number): void {
    const { qualities } = this.#learning;
    let reference = weighed[0] as Weighed;
    let choice = reference;
    for (const one of weighed) {
      if (one.candidate !== undefined) qualities.note(one.action, hopeOf(one));
      if (one.utility > choice.utility) choice = one;
    }
    // A promise is against what one target alone would give, and whatever it may turn out to give: else a target that was
    // hardly tried is thought to be as good as the others, money is saved on that, and it is never tried.
    for (const one of weighed) if (qualities.scoreOf(one.action) > qualities.scoreOf(reference.action)) reference = one;
    const promised = keep * hopeOf(reference);
    this.#pacer()?.overspent((promiseSpeed * (choice.quality - promised)) / promised);
  }
}

const asListed = (candidate: Candidate, place: number): Ranked => ({
  candidate,
  score: -place,
  reason: `no prompt in words: place ${place + 1} of the route`,
});

/** Learns from use which target is worth its price for which prompt. */
export const learned: StrategyDefinition<LearnedOptions> = {
  kind: "learned",
  options: learnedOptions,
  create(options, parts) {
    const { route, candidates, keep } = parts;
    const { goal, gate, model } = options;
    const opened = keep(`prior ${model}`, () => openPrior(model, parts));
    const { prior, problem } = opened;
    const kinds = options.cascades ? "cascades" : "singles";
    const members = candidates.map(({ target }) => target.id).join();
    // A tenth of a second of work for nine targets: not again for each reload.
    const trained = () => keep(`cascades ${model} ${members}`, () => opened.cascadesOf?.(candidates));
    const calibrated =
      typeof goal === "object" && "keep" in goal ? opened.lambdaThatKeeps?.(goal.keep, candidates, kinds) : undefined;
    const learningOptions = {
      ...{ route, spread: prior.spread, problem },
      gate: gate === "off" ? usualGate : gate,
    };
    const learning = keep(learningName, () => new RouteLearning(learningOptions));
    learning.configure(learningOptions);
    learning.notePrior(prior.version);
    for (const candidate of candidates) {
      const { target } = candidate;
      learning.noteFacts(target.id, versionOf(candidate));
      learning.noteDoubt(target.id, prior.doubt?.(target));
    }
    return new Learned(options, {
      ...parts,
      learning,
      prior,
      trainedCascades: options.cascades ? trained() : undefined,
      lambda: calibrated ?? firstLambda(goal, dearestUsdOf(candidates)),
    });
  },
};
