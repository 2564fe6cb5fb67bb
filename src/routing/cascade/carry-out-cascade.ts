import type { Call, Reply } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { type GatewayError, toGatewayError } from "../../core/errors.ts";
import { type CascadePlan, cascadeTargets } from "../../core/plan.ts";
import type { Ranked } from "../../core/ports/strategy.ts";
import type { Completion } from "../../core/reply.ts";
import type { Candidate } from "../../core/route.ts";
import { type AttemptOptions, carryOut, worseOf } from "../attempt.ts";
import { type Answering, NotAdmitted } from "../try-target.ts";
import { Unaffordable } from "../unaffordable.ts";
import { AgreementJudge } from "./agreement-judge.ts";
import { askStep, type StepWatcher } from "./ask-step.ts";
import { CheckedJudge } from "./checked-judge.ts";
import { plainFlaw } from "./flaws.ts";
import type { Answer, Judge } from "./judge.ts";
import { cascadeObstacle } from "./obstacle.ts";
import { replayed } from "./replayed.ts";

export interface RankedCascade {
  readonly ranked: readonly Ranked[];
  readonly cascade: CascadePlan;
}

/**
 * Carries out a cascade, and where it settles nothing, or is of no use for the call, the ranking. Ends and throws as
 * `carryOut`.
 */
export const carryOutCascade = (plan: RankedCascade, call: Call, options: AttemptOptions): Promise<Reply> => {
  const obstacle = cascadeObstacle(plan.cascade, call);
  if (obstacle === undefined) return new CascadeRun(plan, call, options).carryOut();
  call.scope.note(`no cascade: ${obstacle}`);
  return carryOut(plan.ranked, call, options);
};

const judgeOf = ({ kind, needed, minimumMeanLogprob }: CascadePlan, call: Call): Judge =>
  kind === "agreement" ? new AgreementJudge(needed) : new CheckedJudge(call.request as ChatRequest, minimumMeanLogprob);

/** An answer is looked at when it is whole. */
const asWhole = (request: ChatRequest): ChatRequest =>
  request.stream ? { ...request, stream: false, includeUsage: false } : request;

/** One call's way through a cascade. */
class CascadeRun {
  readonly #plan: RankedCascade;
  readonly #call: Call;
  readonly #options: AttemptOptions;
  readonly #judge: Judge;
  /** Steps whose answers are looked at. */
  readonly #steps: CascadePlan["steps"];
  /** Asked where they settle nothing: its answer is given whatever it is, so that it may be streamed as it comes. */
  readonly #last: Candidate | undefined;
  readonly #places: readonly string[];
  readonly #answers: (Answer & { readonly isSound: boolean })[] = [];
  /** Targets that had their turn: they answered, or failed. */
  readonly #spent = new Set<string>();
  #failure: GatewayError | undefined;
  /** Whether everybody answered who was asked so far. */
  #isAsPlanned = true;

  constructor(plan: RankedCascade, call: Call, options: AttemptOptions) {
    const { cascade } = plan;
    this.#plan = plan;
    this.#call = call;
    this.#options = options;
    this.#judge = judgeOf(cascade, call);
    const final = cascade.steps.at(-1) ?? [];
    this.#last = final.length === 1 ? final[0] : undefined;
    this.#steps = this.#last === undefined ? cascade.steps : cascade.steps.slice(0, -1);
    this.#places = cascadeTargets(cascade);
  }

  async carryOut(): Promise<Reply> {
    // Who is asked where nothing is settled counts as a call of its own, in `carryOut`.
    this.#options.retries.call();
    for (const [index, step] of this.#steps.entries()) {
      const later = this.#steps.slice(index + 1);
      if (!this.#judge.canSettle(step.length + later.flat().length)) break;
      await this.#ask(step, later);
      const { chosen } = this.#judge;
      if (chosen !== undefined) {
        if (this.#isAsPlanned) this.#call.scope.settleAtStep(index + 1);
        return this.#give(chosen, this.#judge.standing);
      }
      if (this.#call.signal.aborted) throw toGatewayError(this.#call.signal.reason);
    }
    return this.#goOn();
  }

  #ask(step: readonly Candidate[], later: CascadePlan["steps"]): Promise<void> {
    const judge = this.#judge;
    const after = later.flat().length;
    const watcher: StepWatcher = {
      answered: (candidate, answering) => this.#look(candidate, answering),
      failed: (candidate, thrown) => this.#failed(candidate, thrown),
      isWorthWaiting: (open) => judge.chosen === undefined && judge.canSettle(open + after),
    };
    return askStep(this.#bounded(later.length + 2), { step, options: this.#options, watcher });
  }

  /** The call as a step asks it: whole, and with its share of the time that is left, so that others have theirs. */
  #bounded(shares: number): Call {
    const call = this.#call as Call<"chat">;
    const { route, scope } = call;
    const elapsed = scope.elapsed();
    const left = Math.max(0, route.timeouts.totalMilliseconds - elapsed);
    const timeouts = { ...route.timeouts, totalMilliseconds: elapsed + left / shares };
    return { ...call, request: asWhole(call.request), route: { ...route, timeouts } } as Call;
  }

  #look({ target }: Candidate, { attempt, reply }: Answering): void {
    if (reply.kind !== "whole") return;
    this.#spent.add(target.id);
    attempt.contribute();
    const answer = { attempt, reply, completion: reply.value as Completion, place: this.#places.indexOf(target.id) };
    const flaw = this.#judge.add(answer);
    this.#answers.push({ ...answer, isSound: plainFlaw(answer.completion.choices[0]) === undefined });
    if (flaw !== undefined) this.#call.scope.note(`the answer of ${target.id} will not do: ${flaw}`);
  }

  #failed({ target }: Candidate, thrown: unknown): void {
    this.#isAsPlanned = false;
    // Budgets say themselves why they do not pay.
    if (this.#call.signal.aborted || thrown instanceof Unaffordable) return;
    if (thrown instanceof NotAdmitted) {
      this.#call.scope.note(`${target.id} passed over: ${thrown.admission.reason}`);
      return;
    }
    const error = toGatewayError(thrown);
    this.#spent.add(target.id);
    this.#failure = worseOf(this.#failure, error);
    this.#call.scope.note(`${target.id} gave no answer (${error.code})`);
  }

  #give(answer: Answer, why: string): Reply {
    const { attempt, completion, reply } = answer;
    const { scope, request } = this.#call as Call<"chat">;
    scope.note(`${why}: that of ${attempt.target.id} is given`);
    scope.choose(attempt);
    if (request.stream) return { kind: "stream", batches: replayed(attempt, completion) } as Reply;
    attempt.deliver();
    return reply;
  }

  /** The last target whose answer is there: a sound one rather than another. */
  #inHand(): Answer | undefined {
    const ordered = this.#answers.toSorted((one, other) => other.place - one.place);
    return ordered.find(({ isSound }) => isSound) ?? ordered[0];
  }

  /** Nothing is settled: the last target is asked, then whoever had no turn; an answer that is there is better than none. */
  async #goOn(): Promise<Reply> {
    const { scope, signal } = this.#call;
    const inHand = this.#inHand();
    if (this.#last === undefined && inHand !== undefined)
      return this.#give(inHand, `${this.#judge.standing}, nobody else to ask`);
    const ranked = this.#rest();
    if (ranked.length === 0 && this.#failure !== undefined) throw this.#failure;
    const next = ranked[0]?.candidate.target.id;
    const why = this.#answers.length === 0 ? "no answers to go by" : this.#judge.standing;
    if (next !== undefined) scope.note(`${why}: ${next} asked`);
    const attempts = scope.attempts.length;
    try {
      const reply = await carryOut(ranked, this.#call, { ...this.#options, rescuers: this.#plan.ranked });
      const isLast = this.#last !== undefined && scope.answering?.target.id === this.#last.target.id;
      if (this.#isAsPlanned && isLast) scope.settleAtStep(this.#plan.cascade.steps.length);
      return reply;
    } catch (thrown) {
      if (signal.aborted) throw toGatewayError(signal.reason);
      if (inHand !== undefined) return this.#give(inHand, "nobody else answered");
      // What went wrong tells more than why others were not asked.
      const error = toGatewayError(thrown);
      throw this.#failure === undefined || scope.attempts.length > attempts
        ? worseOf(this.#failure, error)
        : this.#failure;
    }
  }

  #rest(): readonly Ranked[] {
    const { ranked } = this.#plan;
    const last = this.#last?.target.id;
    const others = ranked.filter(
      ({ candidate }) => candidate.target.id !== last && !this.#spent.has(candidate.target.id),
    );
    if (this.#last === undefined) return others;
    const entry = ranked.find(({ candidate }) => candidate.target.id === last);
    return [entry ?? { candidate: this.#last, score: 0, reason: "the cascade's last" }, ...others];
  }
}
