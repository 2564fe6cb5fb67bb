import type { DecidedCall, Feedback, JudgedCall, Learner } from "../../../core/ports/learning.ts";
import { concerns, sortOf } from "../cascades/cascade-parts.ts";
import type { PromptFeatures } from "../features/prompt-features.ts";
import { Beliefs } from "./beliefs.ts";
import { featuresOrNothing, uniformOf, userNumber } from "./call-facts.ts";
import { ConstantScores } from "./constant-scores.ts";
import { Conversations } from "./conversations.ts";
import { Corrections } from "./corrections.ts";
import { type Credit, creditOf } from "./credit.ts";
import type { DriftDirection } from "./drift.ts";
import { DriftWatches } from "./drift-watches.ts";
import { ExplorationLedger } from "./exploration-ledger.ts";
import { Gate, type GateSettings, type GateVerdict } from "./gate.ts";
import { GiverLimits, trust } from "./giver-limits.ts";
import { type Belief, mixed } from "./logits.ts";
import { OutcomeRing, sketchOf, type Taught } from "./outcome-ring.ts";
import { Pacer, type PacerState } from "./pacer.ts";
import { type Newest, PolicyVersions } from "./policy-versions.ts";
import { clusterCapacity, PromptClusters } from "./prompt-clusters.ts";
import type { Spread } from "./quality-posterior.ts";
import { noRewards, shiftOf } from "./reward-sums.ts";
import type { RouteLearningState } from "./state.ts";

/** How fast old rewards fade. */
const halfLifeMilliseconds = 30 * 86_400_000;
/** Outcomes that are remembered one by one. */
export const outcomeCapacity = 100_000;
/** What rewards of a target still count for once it has changed. */
const keptAfterDrift = 0.1;
const keptAfterNewFacts = 0.3;
/** How far the neighbours of a prompt may differ from its kind, in squared logits. */
const neighbourSpread = 0.4;
/** At this likeness to the nearest cluster what is known of it starts to count, and at the other it does in full. */
const strange = 0.04;
const familiar = 0.14;
/** Rewards of at least this trust tell of drift. */
const trustForDrift = 0.5;

/** How fast the mean of what calls cost against what was expected follows, and what one call counts for at most. */
const biasStep = 0.02;
const largestBias = 50;

export type LearningEvent =
  | {
      readonly type: "policy";
      readonly route: string;
      readonly change: "promoted" | "rolled back" | "kept";
    }
  | {
      readonly type: "drift";
      readonly route: string;
      readonly tenant: string;
      readonly target: string;
      readonly direction: DriftDirection;
    }
  | { readonly type: "gate"; readonly route: string; readonly verdict: GateVerdict };

/** Milliseconds since 1970: the start of the newest call, and the newest word of feedback. */
export interface LearnedUntil {
  readonly callAt: number;
  readonly feedbackAt: number;
}

export interface RouteLearningOptions {
  readonly route: string;
  readonly spread: Spread;
  readonly gate: GateSettings;
  /** What is wrong with what the configuration asks for, for people. */
  readonly problem?: string | undefined;
}

/** What use says of one prompt. */
export interface UseView {
  readonly cluster: number;
  /** Correction of the prior's logit for a target. */
  correction(target: string): { readonly rewards: number; readonly neighbours: number; readonly variance: number };
  /** What rewards say of a target, or of a part of a cascade, on such prompts: correction of what is assumed, in logits. */
  belief(name: string): Belief;
}

/** All that one route learns from its calls. No I/O, no clock and no dice of its own. */
export class RouteLearning implements Learner {
  clusters = new PromptClusters();
  costs = new Corrections();
  durations = new Corrections();
  /** λ of the last decision. */
  lambda = 0;
  /** What calls really cost, as a multiple of what was expected, on average. */
  costBias = 1;
  gate: Gate;
  /** Utility and quality of each target, on average over the prompts of late. */
  constants = new ConstantScores();
  qualities = new ConstantScores();
  exploration = new ExplorationLedger();
  readonly conversations = new Conversations();
  /** Which state of what was learned serves. */
  readonly versions = new PolicyVersions();
  /** By the goal that each paces; a state until it is asked for. */
  readonly #pacers = new Map<string, Pacer | PacerState>();
  #options: RouteLearningOptions;
  readonly #doubts = new Map<string, number>();
  #spread: Spread;
  #outcomes = new OutcomeRing(outcomeCapacity);
  readonly #givers = new GiverLimits();
  readonly #watches = new DriftWatches();
  #facts = new Map<string, string>();
  readonly #priors = new Set<string>();
  /** Names of targets and of parts of cascades by their numbers, and which of them are targets. */
  #targets: string[] = [];
  #isTarget: boolean[] = [];
  #numbers = new Map<string, number>();
  #tenants = new Map<string, number>();
  readonly #listeners: ((event: LearningEvent) => void)[] = [];
  #beliefs: Beliefs;
  /** Of the version that serves, by its number. */
  #versionBeliefs: { readonly id: number; readonly beliefs: Beliefs } | undefined;
  #calls = 0;
  #rewards = 0;
  #newestAt = 0;
  #newestFeedbackAt = 0;

  constructor(options: RouteLearningOptions) {
    this.#options = options;
    this.gate = new Gate(options.gate);
    this.#spread = { ...options.spread, targets: this.#doubts };
    this.#beliefs = new Beliefs(this.#spread, halfLifeMilliseconds);
  }

  get options(): RouteLearningOptions {
    return this.#options;
  }
  /** Another configuration of the route: what was learned stays. */
  configure(options: RouteLearningOptions): void {
    this.gate = new Gate(options.gate, this.gate);
    if (options.spread !== this.#options.spread) {
      this.#spread = { ...options.spread, targets: this.#doubts };
      this.#rebuildBeliefs();
    }
    this.#options = options;
  }

  /** How far a target may lie from what the prior says of it, in squared logits; undefined: as any. */
  noteDoubt(target: string, variance: number | undefined): void {
    if (this.#doubts.get(target) === variance) return;
    if (variance === undefined) this.#doubts.delete(target);
    else this.#doubts.set(target, variance);
    this.#rebuildBeliefs();
  }

  /** What a target may be on some kind of prompt before anything was learned of it: a variance in squared logits. */
  spreadOf(target: string): number {
    const { all, cluster } = this.#spread;
    return all + (this.#doubts.get(target) ?? this.#spread.target) + cluster;
  }

  /** Takes over what was learned before; outcomes one by one are forgotten. */
  restore(state: RouteLearningState): void {
    const { gate } = this.#options;
    this.clusters = PromptClusters.fromState(state.clusters);
    this.costs = Corrections.fromState(state.costs);
    this.durations = Corrections.fromState(state.durations);
    this.#pacers.clear();
    for (const [goal, pacer] of state.pacers) this.#pacers.set(goal, pacer);
    this.gate = new Gate(gate, state.gate);
    this.constants = new ConstantScores(state.constants);
    this.qualities = new ConstantScores(state.qualities);
    this.exploration = new ExplorationLedger(state.exploration);
    this.#beliefs = Beliefs.fromState(state.beliefs, this.#spread, halfLifeMilliseconds);
    this.#outcomes = new OutcomeRing(outcomeCapacity);
    this.#targets = [];
    this.#isTarget = [];
    this.#numbers = new Map();
    this.#tenants = new Map();
    this.#calls = state.calls;
    this.#rewards = state.rewards;
    this.#newestAt = state.newestAt;
    this.#newestFeedbackAt = state.newestFeedbackAt;
    for (const [target, facts] of state.facts) if (!this.#facts.has(target)) this.#facts.set(target, facts);
    const isOfOtherPrior = [...this.#priors].some((version) => state.priors?.includes(version) !== true);
    for (const [target, facts] of state.facts) {
      const now = this.#facts.get(target);
      if (now !== undefined && (now !== facts || isOfOtherPrior)) this.#doubtEverywhere(target);
    }
  }

  /** Calls that were learned from, and rewards. */
  get calls(): number {
    return this.#calls;
  }
  get rewards(): number {
    return this.#rewards;
  }
  get beliefs(): Beliefs {
    return this.#beliefs;
  }
  /** What moves λ for a goal, from where it begins. */
  pacerFor(goal: string, from: number): Pacer {
    const known = this.#pacers.get(goal);
    if (known instanceof Pacer && known.from === from) return known;
    const pacer = new Pacer(from, known instanceof Pacer ? known.toState() : known);
    this.#pacers.set(goal, pacer);
    return pacer;
  }
  /** What is newest, as a version would keep it. */
  get newest(): Newest {
    return { rewards: this.#rewards, at: this.#newestAt, beliefs: () => this.#beliefs.toState() };
  }
  /** What decides a call, and a name for it. `unit` is the same for all calls that belong together. */
  servedFor(unit: string): { readonly beliefs: Beliefs; readonly version: string } {
    const served = this.versions.state.served === "newest" ? "newest" : this.versions.servedFor(uniformOf(unit));
    if (served === "newest") return { beliefs: this.#beliefs, version: `${this.#rewards}` };
    if (this.#versionBeliefs?.id !== served.id) {
      const beliefs = Beliefs.fromState(served.beliefs, this.#spread, halfLifeMilliseconds);
      this.#versionBeliefs = { id: served.id, beliefs };
    }
    return { beliefs: this.#versionBeliefs.beliefs, version: `${heldMark}${served.id}` };
  }
  /** How far the store's calls and feedback have been learned from. */
  get learnedUntil(): LearnedUntil {
    return { callAt: this.#newestAt, feedbackAt: this.#newestFeedbackAt };
  }

  onEvent(listener: (event: LearningEvent) => void): void {
    this.#listeners.push(listener);
  }

  settled(call: DecidedCall): void {
    const { detail, callId } = call;
    if (this.#outcomes.has(callId)) return;
    const features = featuresOrNothing(detail.features);
    if (features === undefined) return;
    this.#calls++;
    this.#newestAt = Math.max(this.#newestAt, call.startedAt);
    this.exploration.settled(callId, { costUsd: call.costUsd, explored: detail.explored === true });
    const cluster = this.clusters.add(features);
    const credit = creditOf(call);
    if (credit === undefined) return;
    if (call.outcome === "ok" && call.target !== null) this.#noteCourse(call, credit, cluster);
    this.#remember(call, { credit, cluster, features });
  }

  /** What an answer did cost, how long it took, and of a cascade whether its first step settled it: known without feedback. */
  #noteCourse(call: DecidedCall, credit: Credit, cluster: number): void {
    const { action, costs, latencies, settlement } = credit;
    const mean = call.detail.expected.find((one) => one.action === action)?.costUsd ?? 0;
    if (mean > 0) this.costBias += biasStep * (Math.min(largestBias, call.costUsd / mean) - this.costBias);
    this.costs.observeSum(costs, cluster, call.costUsd);
    this.durations.observeSum(latencies, cluster, call.durationMilliseconds);
    if (settlement === undefined) return;
    const { belief, isSettled, assumed, expected } = settlement;
    const reward = isSettled ? 1 : 0;
    const observed = { target: belief, cluster, weight: 1, reward, expected: assumed, at: call.startedAt };
    this.#beliefs.add(call.tenant, observed);
    this.#watch(call, belief, { cluster, residual: reward - expected });
  }

  /**
   * Learns from a call of the store: all of it where it is newer than `since`, else only the feedback that is; of what was
   * learned before it is only remembered what the neighbours of later prompts need.
   */
  replay(call: JudgedCall, since: LearnedUntil): void {
    if (call.startedAt > since.callAt) this.settled(call);
    else {
      const features = featuresOrNothing(call.detail.features);
      const credit = creditOf(call);
      if (features !== undefined && credit !== undefined && !this.#outcomes.has(call.callId))
        this.#remember(call, { credit, cluster: this.clusters.nearest(features).cluster, features });
    }
    for (const feedback of call.feedback)
      if (call.startedAt > since.callAt || feedback.at > since.feedbackAt) this.rewarded(call, feedback);
      else this.#outcomes.reward(call.callId, trust[feedback.source], feedback.reward);
  }

  rewarded(call: DecidedCall, feedback: Feedback): void {
    this.settled(call);
    const chain = this.#outcomes.chainOf(call.callId);
    const credit = creditOf(call);
    if (chain === undefined || credit === undefined) return;
    const { belief: target, expected } = credit;
    const { reward, giver, source } = feedback;
    this.#newestFeedbackAt = Math.max(this.#newestFeedbackAt, feedback.at);
    const cluster = chain % clusterCapacity;
    const isFirst = this.#outcomes.weightOf(call.callId) === 0;
    const posterior = this.#beliefs.of(call.tenant);
    const weight = this.#givers.admit({
      tenant: call.tenant,
      giver,
      target,
      cluster,
      weight: trust[source],
      at: feedback.at,
      known: posterior.weight(target, cluster),
    });
    if (weight <= 0) return;
    this.#rewards++;
    posterior.add({ target, cluster, weight, reward, expected, at: call.startedAt });
    this.#outcomes.reward(call.callId, weight, reward);
    if (isFirst) this.#judge(call, reward);
    if (trust[source] >= trustForDrift) this.#watch(call, target, { cluster, residual: reward - credit.quality });
  }

  /** Takes out what a call taught, as far as it is remembered; false where it taught nothing. */
  retract(callId: string, tenant: string): boolean {
    const taught = this.#outcomes.remove(callId);
    if (taught === undefined) return false;
    this.#unlearn(tenant, taught);
    return true;
  }

  forgotten(tenant: string, userId: string): void {
    for (const taught of this.#outcomes.removeUser(userNumber(tenant, userId))) this.#unlearn(tenant, taught);
  }

  #unlearn(tenant: string, taught: Taught): void {
    this.#beliefs.add(tenant, {
      target: this.#targets[taught.target] as string,
      cluster: taught.chain % clusterCapacity,
      weight: -taught.weight,
      reward: taught.reward / taught.weight,
      expected: taught.expected / taught.weight,
      at: taught.at,
    });
  }

  /** What stands for the version of a target's model; where it is another than before, it is learned anew. */
  noteFacts(target: string, facts: string): void {
    const before = this.#facts.get(target);
    this.#facts.set(target, facts);
    if (before !== undefined && before !== facts) this.#doubtEverywhere(target);
  }

  /** What a variant of the route starts from. Rewards were held against the priors of before: they tell less of a new one. */
  notePrior(version: string): void {
    if (this.#priors.has(version)) return;
    if (this.#priors.size > 0) for (const target of this.#facts.keys()) this.#doubtEverywhere(target);
    this.#priors.add(version);
  }

  /** What use says of a prompt, by `beliefs` or by the newest. */
  view(tenant: string, features: PromptFeatures, beliefs: Beliefs = this.#beliefs): UseView {
    const { cluster, alike } = this.clusters.nearest(features);
    const posterior = beliefs.of(tenant);
    const near = Math.max(0, Math.min(1, (alike - strange) / (familiar - strange)));
    // Neighbours tell of targets only.
    const sums = this.#isTarget.map((isTarget) => (isTarget ? noRewards() : undefined));
    if (beliefs === this.#beliefs) this.#outcomes.look(sketchOf(features), this.#chainOf(tenant, cluster), sums);
    const belief = (name: string): Belief => {
      const whole = posterior.targetShift(name);
      const { mean, variance } = near === 0 ? whole : mixed(posterior.shift(name, cluster), whole, near);
      return { mean, variance: variance + (1 - near) * this.#spread.cluster };
    };
    return {
      cluster,
      belief,
      correction: (target) => {
        const kind = belief(target);
        const own = shiftOf(sums[this.#numbers.get(target) ?? -1] ?? noRewards());
        const kept = Number.isFinite(own.variance) ? own.variance / (own.variance + neighbourSpread) : 1;
        return {
          rewards: kind.mean,
          neighbours: kept === 1 ? 0 : near * (1 - kept) * (own.mean - kind.mean),
          variance: kind.variance,
        };
      },
    };
  }

  toState(): RouteLearningState {
    return {
      format: 1,
      calls: this.#calls,
      rewards: this.#rewards,
      newestAt: this.#newestAt,
      newestFeedbackAt: this.#newestFeedbackAt,
      clusters: this.clusters.toState(),
      beliefs: this.#beliefs.toState(),
      costs: this.costs.toState(),
      durations: this.durations.toState(),
      pacers: [...this.#pacers].map(([goal, pacer]) => [goal, pacer instanceof Pacer ? pacer.toState() : pacer]),
      gate: this.gate.toState(),
      constants: this.constants.toState(),
      qualities: this.qualities.toState(),
      exploration: this.exploration.toState(),
      facts: [...this.#facts],
      priors: [...this.#priors],
    };
  }

  /** With another spread, what follows from the same rewards is another. */
  #rebuildBeliefs(): void {
    this.#beliefs = Beliefs.fromState(this.#beliefs.toState(), this.#spread, halfLifeMilliseconds);
    this.#versionBeliefs = undefined;
  }

  #remember(
    { callId, tenant, userId, startedAt }: DecidedCall,
    known: { readonly credit: Credit; readonly cluster: number; readonly features: PromptFeatures },
  ): void {
    this.#outcomes.add({
      callId,
      chain: this.#chainOf(tenant, known.cluster),
      target: this.#numberOf(known.credit.belief),
      expected: known.credit.expected,
      sketch: sketchOf(known.features),
      user: userId === null ? 0 : userNumber(tenant, userId),
      at: startedAt,
    });
  }

  #judge(call: DecidedCall, reward: number): void {
    const { detail } = call;
    const [first] = detail.expected;
    // Where another target had to answer, the reward tells nothing of the action.
    if (first === undefined || call.target === null || creditOf(call)?.action !== detail.action) return;
    const verdict = this.gate.observe({
      choice: first.action,
      taken: detail.action,
      propensity: detail.propensity,
      reward,
      lambda: detail.lambda === undefined ? 0 : 1 / detail.lambda,
      expected: detail.expected,
    });
    const { route } = this.#options;
    if (verdict !== undefined) this.#emit({ type: "gate", route, verdict });
    const lambda = detail.lambda === undefined ? 0 : 1 / detail.lambda;
    const arm = detail.version.includes(heldMark) ? "served" : "newest";
    const change = this.versions.observe(arm, reward - lambda * call.costUsd, this.#options.gate.delta);
    if (change !== undefined) this.#emit({ type: "policy", route, change });
    else if (this.versions.keepSometimes(this.newest)) this.#emit({ type: "policy", route, change: "kept" });
  }

  #watch(
    { tenant }: DecidedCall,
    target: string,
    { cluster, residual }: { readonly cluster: number; readonly residual: number },
  ): void {
    const found = this.#watches.observe({ tenant, target, cluster, residual });
    if (found === undefined) return;
    // What one tenant says changes nothing for another; what changed on one kind of prompt, nothing on others.
    const concerned = found.where === "kind" ? cluster : undefined;
    const posterior = this.#beliefs.of(tenant);
    for (const name of posterior.names()) if (concerns(name, target)) posterior.doubt(name, keptAfterDrift, concerned);
    const chain = this.#chainOf(tenant, cluster);
    const slotOf = (one: number): number => Math.floor(one / clusterCapacity);
    this.#outcomes.forgetTarget(this.#numberOf(target), (one) =>
      concerned === undefined ? slotOf(one) === slotOf(chain) : one === chain,
    );
    this.#givers.forget(tenant, target);
    const { route } = this.#options;
    this.#emit({ type: "drift", route, tenant, target, direction: found.direction });
  }

  /** The target's model is another one. */
  #doubtEverywhere(target: string): void {
    for (const posterior of this.#beliefs.all())
      for (const name of posterior.names()) if (concerns(name, target)) posterior.doubt(name, keptAfterNewFacts);
    this.#outcomes.forgetTarget(this.#numberOf(target), () => true);
    this.#watches.reset(target);
  }

  #emit(event: LearningEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #numberOf(target: string): number {
    const known = this.#numbers.get(target);
    if (known !== undefined) return known;
    const number = this.#targets.length;
    this.#targets.push(target);
    this.#isTarget.push(sortOf(target) === "");
    this.#numbers.set(target, number);
    return number;
  }

  #chainOf(tenant: string, cluster: number): number {
    let slot = this.#tenants.get(tenant);
    if (slot === undefined) {
      slot = this.#tenants.size;
      this.#tenants.set(tenant, slot);
    }
    return slot * clusterCapacity + cluster;
  }
}

/** Marks versions of decisions that a kept version made. */
const heldMark = "@";
