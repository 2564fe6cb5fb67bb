import { Attempt } from "./attempt.ts";
import type { Decision } from "./decision.ts";
import type { GatewayError } from "./errors.ts";
import type { AttemptRecord, CallHead, CallRecord, Outcome } from "./ledger.ts";
import type { Target } from "./model.ts";
import type { PicoUsd } from "./money.ts";
import type { Clock } from "./ports/clock.ts";
import type { Journal } from "./ports/journal.ts";
import type { LimitStanding } from "./ports/limits.ts";

/** How a call ended for its client. */
export interface CallOutcome {
  readonly outcome: Outcome;
  readonly status: number;
  readonly error?: GatewayError;
}

export interface CallScopeOptions {
  readonly head: Omit<CallHead, "startedAt">;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Called at most once, when something needs the number. */
  readonly estimateInputTokens: () => number;
  /** Told once that the call is over, also where its settlement could not be kept; must not throw. */
  readonly onEnded: () => void;
  /** Told of the settled call, after it was written; must not throw. */
  readonly onSettled: (record: CallRecord) => void;
}

/** One call's own record, from its start to its one settlement. */
export class CallScope {
  readonly head: CallHead;
  readonly #options: CallScopeOptions;
  readonly #startedAt: number;
  readonly #attempts: Attempt[] = [];
  #estimatedInputTokens: number | null = null;
  #decision: Decision | null = null;
  #record: CallRecord | null = null;
  #journalled: Promise<void> | undefined;
  #isOver = false;
  #earlyNotes: readonly string[] = [];
  #limits: LimitStanding | null = null;
  #isTurnedAway = false;
  #listeners: ((record: CallRecord) => void)[] | null = null;
  #chosen: { readonly attempt: Attempt; readonly afterMilliseconds: number } | undefined;

  constructor(options: CallScopeOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    const { head } = options;
    this.head = {
      id: head.id,
      operation: head.operation,
      tenant: head.tenant,
      team: head.team,
      keyId: head.keyId,
      route: head.route,
      requestedModel: head.requestedModel,
      streamed: head.streamed,
      startedAt: options.clock.wall(),
    };
  }

  get id(): string {
    return this.head.id;
  }
  get decision(): Decision | null {
    return this.#decision;
  }
  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }
  /** The attempt whose answer the client gets or would get: the latest, unless another one was chosen. */
  get answering(): Attempt | undefined {
    return this.#chosen?.attempt ?? this.#attempts.at(-1);
  }
  get estimatedInputTokens(): number {
    this.#estimatedInputTokens ??= this.#options.estimateInputTokens();
    return this.#estimatedInputTokens;
  }
  get isFinished(): boolean {
    return this.#record !== null;
  }
  /**
   * After {@link finish}: resolves once the settlement is written, so that the last byte may leave; undefined where it
   * is. Rejects with `storage_unavailable` where it could not be: the call then counts as not settled.
   */
  get journalled(): Promise<void> | undefined {
    return this.#journalled;
  }

  /** Milliseconds since the call began. */
  elapsed(): number {
    return this.#options.clock.monotonic() - this.#startedAt;
  }

  decide(decision: Decision): void {
    // A call may be decided on twice: what happened before stays told.
    const before = this.#decision?.notes ?? this.#earlyNotes;
    this.#decision = before.length === 0 ? decision : { ...decision, notes: before };
  }

  /** Adds to the decision what happened on the way, or before it. */
  note(text: string): void {
    if (this.#decision === null) this.#earlyNotes = [...this.#earlyNotes, text];
    else this.#decision = { ...this.#decision, notes: [...(this.#decision.notes ?? []), text] };
  }

  /** A cascade went as planned, up to this step, from 1: told to the policy that took it, if one did. */
  settleAtStep(step: number): void {
    const decision = this.#decision;
    const { detail } = decision ?? {};
    if (decision === null || detail?.cascade === undefined) return;
    this.#decision = { ...decision, detail: { ...detail, cascade: { ...detail.cascade, settledAtStep: step } } };
  }

  /** Of several answers that came whole, the client gets this one, from now on. */
  choose(attempt: Attempt): void {
    this.#chosen = { attempt, afterMilliseconds: this.elapsed() };
  }

  /** How the caller's limits stand, for the client to see; null where there are none. */
  get limits(): LimitStanding | null {
    return this.#limits;
  }

  /** Notes how limits stand. A call that was `refused` by one leaves no row: who is turned away must not fill the disk. */
  noteLimits(standing: LimitStanding, outcome: "granted" | "refused" = "granted"): void {
    this.#limits = standing;
    this.#isTurnedAway = outcome === "refused";
  }

  /** The call is refused for what it may cost. As one that a limit refused, it leaves no row if it reached nobody. */
  turnAway(): void {
    this.#isTurnedAway = true;
  }

  /** Tells once that the call is over, and what came of it, also where that could not be kept. Must not throw. */
  whenOver(listener: (record: CallRecord) => void): void {
    if (this.#isOver) listener(this.#record ?? this.#settle({ outcome: "aborted", status: 499 }));
    else if (this.#listeners === null) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /**
   * Appends the dispatch to the journal. The upstream may be called once {@link Attempt.journalled} says that it is
   * written; where it could not be, the attempt is none of the call's. Throws `storage_unavailable`.
   */
  dispatch(target: Target, worstCasePicoUsd: PicoUsd | null): Attempt {
    const number = this.#attempts.length + 1;
    const attempt = new Attempt({ number, target, worstCasePicoUsd, call: this });
    const record = {
      type: "dispatched",
      call: this.head,
      attempt: number,
      target: target.id,
      provider: target.provider,
      kind: target.kind,
      model: target.model,
      startedAfterMilliseconds: attempt.startedAfterMilliseconds,
      price: target.facts.price ?? null,
      worstCasePicoUsd,
    } as const;
    const written = this.#options.journal.append(record, (failure) => {
      if (failure !== undefined) this.#attempts.splice(this.#attempts.indexOf(attempt), 1);
    });
    attempt.holdFor(written);
    this.#attempts.push(attempt);
    return attempt;
  }

  /**
   * Settles the call: once, whoever comes first. {@link journalled} says when the record stands in the journal, so
   * that the last byte may leave. Throws `storage_unavailable` when it could not be appended; the call then counts as
   * not settled.
   */
  finish(outcome: CallOutcome): CallRecord {
    if (this.#record !== null) return this.#record;
    const isFirst = !this.#isOver;
    if (isFirst) {
      this.#isOver = true;
      this.#options.onEnded();
    }
    const record = this.#settle(outcome);
    if (isFirst && this.#listeners !== null) for (const listener of this.#listeners) listener(record);
    if (!this.#isTurnedAway || this.#attempts.length > 0)
      this.#journalled = this.#options.journal.append({ type: "settled", call: record }, (failure) => {
        if (failure === undefined) this.#tell(record);
        else this.#record = null;
      });
    this.#record = record;
    if (this.#journalled === undefined) this.#tell(record);
    return record;
  }

  /** The decision; of a policy that learns with how the answer ended, which says something of its choice. */
  #ended(): Decision | null {
    const decision = this.#decision;
    if (decision?.detail === undefined) return decision;
    const ending = this.answering?.finishReason;
    return ending === "length" || ending === "refusal" || ending === "contentFilter"
      ? { ...decision, ending }
      : decision;
  }

  #tell(record: CallRecord): void {
    this.#options.onSettled(record);
  }

  #settle({ outcome, status, error }: CallOutcome): CallRecord {
    let attempts: AttemptRecord[] = [];
    let answering: AttemptRecord | undefined;
    let costPicoUsd = 0;
    let deliveredPicoUsd = 0;
    let contributedPicoUsd = 0;
    let isDelivered = false;
    let hasContributed = false;
    for (const attempt of this.#attempts) {
      const record = attempt.record();
      attempts.push(record);
      costPicoUsd += record.costPicoUsd;
      if (record.contributed !== undefined) {
        hasContributed = true;
        contributedPicoUsd += record.costPicoUsd;
        continue;
      }
      if (record.delivered || record.outcome === "ok") answering = record;
      if (!record.delivered) continue;
      isDelivered = true;
      deliveredPicoUsd += record.costPicoUsd;
    }
    const first = firstContent(attempts, this.head.streamed ? this.#chosen : undefined);
    // Of a choice that came to nothing the client has nothing.
    if (!isDelivered && hasContributed) attempts = attempts.map(withoutPart);
    if (this.#chosen !== undefined) answering = this.#chosen.attempt.record();
    const { head } = this;
    // Field by field: spreading the head would cost more than all the rest.
    return {
      id: head.id,
      operation: head.operation,
      tenant: head.tenant,
      team: head.team,
      keyId: head.keyId,
      route: head.route,
      requestedModel: head.requestedModel,
      streamed: head.streamed,
      startedAt: head.startedAt,
      outcome,
      status,
      errorCode: error?.code ?? null,
      errorMessage: error?.recorded ?? null,
      durationMilliseconds: this.elapsed(),
      timeToFirstContentMilliseconds: first,
      target: answering?.target ?? null,
      model: answering?.model ?? null,
      usage: answering?.usage ?? null,
      usageSource: answering?.usageSource ?? "unknown",
      costPicoUsd,
      chargePicoUsd: isDelivered ? deliveredPicoUsd + contributedPicoUsd : 0,
      decision: this.#ended(),
      attempts,
    };
  }
}

const withoutPart = ({ contributed: _, ...record }: AttemptRecord): AttemptRecord => record;

/** Of a stream that waited for a choice, the choice; else what came first of the attempts that the answer is made of. */
const firstContent = (
  attempts: readonly AttemptRecord[],
  chosen: { readonly afterMilliseconds: number } | undefined,
): number | null => {
  if (chosen !== undefined) return chosen.afterMilliseconds;
  let first: number | null = null;
  for (const { firstContentAfterMilliseconds: time, contributed } of attempts)
    if (time !== null && contributed === undefined && (first === null || time < first)) first = time;
  return first;
};
