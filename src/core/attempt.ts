import { errorTable, type GatewayError } from "./errors.ts";
import { TextTokenCount } from "./estimate-text-tokens.ts";
import { GrowingText } from "./growing-text.ts";
import type { AttemptRecord, Outcome } from "./ledger.ts";
import type { Target } from "./model.ts";
import { costOf, type PicoUsd } from "./money.ts";
import type { FinishReason } from "./reply.ts";
import type { Usage } from "./usage.ts";

export interface AttemptOptions {
  readonly number: number;
  readonly target: Target;
  readonly worstCasePicoUsd: PicoUsd | null;
  readonly call: AttemptedCall;
}

/** What an attempt asks of its call. */
export interface AttemptedCall {
  /** Milliseconds since the call's start. */
  elapsed(): number;
  readonly estimatedInputTokens: number;
}

type OpenRecord = { -readonly [Field in keyof AttemptRecord]: AttemptRecord[Field] };

/** Characters. */
const mostUncounted = 262_144;

type Settlement = Pick<AttemptRecord, "usage" | "usageSource" | "costPicoUsd" | "costSource">;
const free: Settlement = { usage: null, usageSource: "unknown", costPicoUsd: 0, costSource: "none" };

/** One try of one target, while it runs: what was seen of it, and from that its record. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #startedAfter: number;
  #headersAfter: number | null = null;
  #firstContentAfter: number | null = null;
  #upstreamStatus: number | null = null;
  #usage: Usage | null = null;
  #hasContent = false;
  /** What the provider bills where it reports nothing, once it is counted; the result is marked as estimated. */
  #received: TextTokenCount | null = null;
  /** What came last of it and is not counted yet: mostly the provider reports, and nothing need be. */
  readonly #uncounted = new GrowingText();
  #delivered = false;
  #finishReason: FinishReason | undefined;
  #contributed = false;
  #journalled: Promise<void> | undefined;
  #wasNeverSent = false;
  #record: OpenRecord | null = null;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#startedAfter = options.call.elapsed();
  }

  get target(): Target {
    return this.#options.target;
  }
  get firstContentAfterMilliseconds(): number | null {
    return this.#firstContentAfter;
  }
  get startedAfterMilliseconds(): number {
    return this.#startedAfter;
  }
  /**
   * Resolves once the dispatch is written, so that the upstream may be called after {@link release}; undefined where it
   * may be called already. Rejects with `storage_unavailable`.
   */
  get journalled(): Promise<void> | undefined {
    return this.#journalled;
  }

  /** The dispatch is still to be written: nothing is sent before {@link release}, and an attempt that ends costs nothing. */
  holdFor(journalled: Promise<void> | undefined): void {
    this.#journalled = journalled;
  }

  /** From now on its request may leave. */
  release(): void {
    this.#journalled = undefined;
  }

  /** It was aborted before anything of its request had left: it costs nothing. */
  neverSent(): void {
    this.#wasNeverSent = true;
  }

  headers(status: number): void {
    this.#headersAfter = this.#options.call.elapsed();
    this.#upstreamStatus = status;
  }

  /** Content came: text that the provider bills. It is counted, now or when the count is needed, and not kept. */
  content(text: string): void {
    this.#firstContentAfter ??= this.#options.call.elapsed();
    this.#hasContent = true;
    this.#uncounted.add(text);
    if (this.#uncounted.length > mostUncounted) this.#count();
  }

  #count(): number {
    if (!this.#hasContent) return 0;
    this.#received ??= new TextTokenCount();
    this.#received.add(this.#uncounted.toString());
    this.#uncounted.clear();
    return this.#received.tokens;
  }

  /** What came is on its way to the client, who is charged for it. */
  deliver(): void {
    this.#delivered = true;
  }

  /** Why the model stopped, where it was looked at. */
  get finishReason(): FinishReason | undefined {
    return this.#finishReason;
  }

  finished(reason: FinishReason): void {
    this.#finishReason = reason;
  }

  /** Its answer was looked at to choose the one that the client gets. */
  contribute(): void {
    this.#contributed = true;
  }

  /** The upstream said what was used; the last word counts. */
  usage(usage: Usage): void {
    this.#usage = usage;
  }

  /** The whole answer came at once, with what was used where the upstream says so, else with its text. */
  answered(usage: Usage | undefined, text: string): void {
    if (usage !== undefined) this.usage(usage);
    this.content(text);
    this.#end("ok", undefined, this.#firstContentAfter as number);
  }

  /** Ends the attempt; only the first ending counts. */
  end(outcome: Outcome, error?: GatewayError): void {
    if (this.#record === null) this.#end(outcome, error, this.#options.call.elapsed());
  }

  #end(outcome: Outcome, error: GatewayError | undefined, endedAfterMilliseconds: number): void {
    if (this.#record !== null) return;
    const { number, target } = this.#options;
    const { usage, usageSource, costPicoUsd, costSource } = this.#settle(outcome, error);
    this.#record = {
      number,
      target: target.id,
      provider: target.provider,
      kind: target.kind,
      model: target.model,
      outcome,
      errorCode: error?.code ?? null,
      errorMessage: error?.recorded ?? null,
      upstreamStatus: error?.upstreamStatus ?? this.#upstreamStatus,
      startedAfterMilliseconds: this.#startedAfter,
      headersAfterMilliseconds: this.#headersAfter,
      firstContentAfterMilliseconds: this.#firstContentAfter,
      endedAfterMilliseconds,
      usage,
      usageSource,
      price: target.facts.price ?? null,
      costPicoUsd,
      costSource,
      delivered: this.#delivered,
    };
  }

  /** The attempt's record; an attempt that still runs is ended as aborted first. */
  record(): AttemptRecord {
    this.end("aborted");
    const record = this.#record as OpenRecord;
    // What came before the end may be delivered after it.
    record.delivered = this.#delivered;
    if (this.#contributed && !this.#delivered) record.contributed = true;
    return record;
  }

  #priced(usage: Usage, usageSource: "reported" | "estimated"): Settlement {
    const { price } = this.#options.target.facts;
    // Without a price of ours the provider's own figure is the cost.
    const costPicoUsd = price === undefined ? usage.reportedCostPicoUsd : costOf(usage, price);
    const costSource = costPicoUsd === undefined ? "unpriced" : usageSource;
    return { usage, usageSource, costPicoUsd: costPicoUsd ?? 0, costSource };
  }

  /** An estimate errs; it is never taken for more than was possible. */
  #estimate(): Usage {
    const { call, worstCasePicoUsd: bound, target } = this.#options;
    const { price } = target.facts;
    const estimated = { inputTokens: call.estimatedInputTokens, outputTokens: this.#count() };
    if (price === undefined || bound === null || costOf(estimated, price) <= bound) return estimated;
    const withoutOutput = costOf({ ...estimated, outputTokens: 0 }, price);
    const perToken = costOf({ ...estimated, outputTokens: 1 }, price) - withoutOutput;
    if (perToken <= 0) return estimated;
    return { ...estimated, outputTokens: Math.max(0, Math.floor((bound - withoutOutput) / perToken)) };
  }

  #settle(outcome: Outcome, error: GatewayError | undefined): Settlement {
    if (this.#journalled !== undefined || this.#wasNeverSent) return free;
    if (this.#usage !== null) return this.#priced(this.#usage, "reported");
    if (this.#hasContent || outcome === "ok" || outcome === "aborted")
      return this.#priced(this.#estimate(), "estimated");
    if (error !== undefined && wasRefused(error)) return free;
    const bound = this.#options.worstCasePicoUsd;
    return {
      usage: null,
      usageSource: "unknown",
      costPicoUsd: bound ?? 0,
      costSource: bound === null ? "unpriced" : "bound",
    };
  }
}

/** The provider answered with an error status, or was never reached: providers bill neither. */
const wasRefused = (error: GatewayError): boolean =>
  error.code === "upstream_unreachable" ||
  error.code === "upstream_refused" ||
  (error.upstreamStatus !== undefined && error.upstreamStatus >= 400) ||
  errorTable[error.code].status < 500;
