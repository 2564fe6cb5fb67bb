import { BoundedMap } from "../core/bounded-map.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Admission, Failure, Health, Standing } from "../core/ports/health.ts";

export interface BreakerSettings {
  /** So many failures in a row open the circuit. */
  readonly consecutiveFailures: number;
  /** Or this share of failures, over at least so many calls of the window. */
  readonly failureRatio: number;
  readonly minimumCalls: number;
  readonly windowMilliseconds: number;
  /** How long it stays open the first time; doubles with each failed probe, up to the longest. */
  readonly openMilliseconds: number;
  readonly longestOpenMilliseconds: number;
}

export const defaultBreakerSettings: BreakerSettings = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMilliseconds: 30_000,
  openMilliseconds: 5_000,
  longestOpenMilliseconds: 60_000,
};

/** Failures that say something of the target; the others say something of the request. */
const counted: ReadonlySet<ErrorCode> = new Set([
  "upstream_authentication",
  "upstream_error",
  "upstream_unreachable",
  "upstream_refused",
  "upstream_invalid_response",
  "upstream_overloaded",
  "upstream_timeout",
]);

/** Without a time of its own, a refusal for too many calls asks for this pause. */
const usualCoolDownMilliseconds = 1_000;
const longestCoolDownMilliseconds = 300_000;
/** A quota that is used up is not filled up a moment later. */
const quotaMilliseconds = 60_000;

/** Clients may name models that nobody declared: so many targets are remembered at most. */
const mostTargets = 2_000;

interface Circuit {
  state: "closed" | "open" | "probing";
  failuresInARow: number;
  /** How often it was opened since it was last closed. */
  openings: number;
  openUntil: number;
  coolUntil: number;
  coolReason: string;
  windowStart: number;
  calls: number;
  failures: number;
  /** What was last told of it, so that the same is not told twice. */
  told: string;
}

/** What a target asked for, and when. */
interface Pause {
  readonly milliseconds: number;
  readonly agoMilliseconds: number;
  readonly reason: string;
}

const closed: Admission = { kind: "closed" };
const openReason = "its circuit is open after repeated failures";

/** Told whenever a target's standing has changed. What changes by time alone is told when somebody asks next. */
export type StandingListener = (targetId: string, standing: Standing) => void;

/** A circuit breaker and a cool-down per target. A target of which nothing bad is known takes no room. */
export class Breakers implements Health {
  readonly #circuits = new BoundedMap<string, Circuit>(mostTargets);
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #settings: BreakerSettings;
  readonly #onChange: StandingListener | undefined;

  constructor(
    clock: Pick<Clock, "monotonic">,
    settings: BreakerSettings = defaultBreakerSettings,
    onChange?: StandingListener,
  ) {
    this.#clock = clock;
    this.#settings = settings;
    this.#onChange = onChange;
  }

  /** Targets whose circuit is not closed, for metrics and people. */
  openTargets(): readonly string[] {
    return [...this.#circuits.entries()].filter(([, { state }]) => state !== "closed").map(([target]) => target);
  }

  /** The targets that are not `clean`. */
  standings(): readonly (readonly [targetId: string, standing: Standing])[] {
    return [...this.#circuits.entries()].map(([target, circuit]) => [target, this.#standingOf(circuit)]);
  }

  standing(targetId: string): Standing {
    const circuit = this.#circuits.get(targetId);
    return circuit === undefined ? { kind: "clean" } : this.#standingOf(circuit);
  }

  look(targetId: string): Admission {
    const circuit = this.#circuits.get(targetId);
    if (circuit === undefined) return closed;
    this.#settle(targetId, circuit);
    return this.#judge(circuit);
  }

  admit(targetId: string): Admission {
    const circuit = this.#circuits.get(targetId);
    if (circuit === undefined) return closed;
    const admission = this.#judge(circuit);
    if (admission.kind === "probe") circuit.state = "probing";
    this.#settle(targetId, circuit);
    return admission;
  }

  succeed(targetId: string): void {
    const circuit = this.#circuits.get(targetId);
    if (circuit === undefined) return;
    if (circuit.state === "closed") this.#count(circuit, "ok");
    else this.#close(circuit);
    circuit.failuresInARow = 0;
    this.#settle(targetId, circuit);
  }

  /** `agoMilliseconds`: how long ago it failed, which a pause counts from. */
  fail(targetId: string, error: Failure, agoMilliseconds = 0): void {
    if (error.code === "rate_limit_exceeded") {
      const milliseconds = error.retryAfterMilliseconds ?? usualCoolDownMilliseconds;
      this.#cool(targetId, { milliseconds, agoMilliseconds, reason: "it asked for a pause" });
    } else if (error.code === "insufficient_quota") {
      const milliseconds = error.retryAfterMilliseconds ?? quotaMilliseconds;
      this.#cool(targetId, { milliseconds, agoMilliseconds, reason: "its quota is used up" });
    } else if (!counted.has(error.code)) this.release(targetId);
    else this.#countFailure(targetId, error);
  }

  #countFailure(targetId: string, { retryAfterMilliseconds = 0 }: Failure): void {
    const circuit = this.#circuit(targetId);
    circuit.failuresInARow += 1;
    this.#count(circuit, "failed");
    if (circuit.state !== "closed" || this.#isTooMuch(circuit)) this.#open(circuit, retryAfterMilliseconds);
    this.#settle(targetId, circuit);
  }

  release(targetId: string): void {
    const circuit = this.#circuits.get(targetId);
    if (circuit?.state !== "probing") return;
    // The next call probes instead.
    circuit.state = "open";
    this.#settle(targetId, circuit);
  }

  coolDown(targetId: string, milliseconds: number, agoMilliseconds = 0): void {
    this.#cool(targetId, { milliseconds, agoMilliseconds, reason: "its quota of calls is used up" });
  }

  #judge(circuit: Circuit): Admission {
    const now = this.#clock.monotonic();
    if (circuit.coolUntil > now)
      return { kind: "cooling", waitMilliseconds: circuit.coolUntil - now, reason: circuit.coolReason };
    if (circuit.state === "closed") return closed;
    if (circuit.state === "open" && circuit.openUntil <= now) return { kind: "probe" };
    const wait = Math.max(circuit.openUntil - now, circuit.state === "probing" ? this.#settings.openMilliseconds : 0);
    return { kind: "open", waitMilliseconds: wait, reason: openReason };
  }

  #standingOf(circuit: Circuit): Standing {
    const admission = this.#judge(circuit);
    if (admission.kind === "closed") return { kind: this.#isClean(circuit) ? "clean" : "watched" };
    // Who may probe is decided for each call: a copy must ask at once.
    if (admission.kind === "probe")
      return { kind: "resting", admission: { kind: "open", waitMilliseconds: 0, reason: openReason } };
    return { kind: "resting", admission };
  }

  /** A failure counts until a success, and for the share of failures until its window has passed. */
  #isClean({ failuresInARow, failures, windowStart }: Circuit): boolean {
    if (failuresInARow > 0) return false;
    return failures === 0 || this.#clock.monotonic() - windowStart > this.#settings.windowMilliseconds;
  }

  /** Forgets a target that is clean again, and tells of it where its standing is another than before. */
  #settle(targetId: string, circuit: Circuit): void {
    const standing = this.#standingOf(circuit);
    if (standing.kind === "clean") this.#circuits.delete(targetId);
    if (this.#onChange === undefined) return;
    const { state, openUntil, coolUntil } = circuit;
    const told = standing.kind === "resting" ? `${state} ${openUntil} ${coolUntil}` : standing.kind;
    if (told === circuit.told) return;
    circuit.told = told;
    this.#onChange(targetId, standing);
  }

  /** As new; a pause that the target asked for meanwhile is kept. */
  #close(circuit: Circuit): void {
    circuit.state = "closed";
    circuit.openings = 0;
    circuit.calls = 0;
    circuit.failures = 0;
    circuit.windowStart = this.#clock.monotonic();
  }

  #open(circuit: Circuit, atLeastMilliseconds: number): void {
    const { openMilliseconds, longestOpenMilliseconds } = this.#settings;
    const length = Math.min(longestOpenMilliseconds, openMilliseconds * 2 ** circuit.openings);
    circuit.state = "open";
    circuit.openings += 1;
    circuit.openUntil =
      this.#clock.monotonic() + Math.max(length, Math.min(atLeastMilliseconds, longestOpenMilliseconds));
  }

  #cool(targetId: string, { milliseconds, agoMilliseconds, reason }: Pause): void {
    const circuit = this.#circuit(targetId);
    if (circuit.state === "probing") circuit.state = "open";
    circuit.coolUntil = this.#clock.monotonic() - agoMilliseconds + Math.min(milliseconds, longestCoolDownMilliseconds);
    circuit.coolReason = reason;
    this.#settle(targetId, circuit);
  }

  #isTooMuch({ failuresInARow, calls, failures }: Circuit): boolean {
    const { consecutiveFailures, minimumCalls, failureRatio } = this.#settings;
    return failuresInARow >= consecutiveFailures || (calls >= minimumCalls && failures / calls >= failureRatio);
  }

  #count(circuit: Circuit, outcome: "ok" | "failed"): void {
    const now = this.#clock.monotonic();
    if (now - circuit.windowStart > this.#settings.windowMilliseconds) {
      circuit.windowStart = now;
      circuit.calls = 0;
      circuit.failures = 0;
    }
    circuit.calls += 1;
    if (outcome === "failed") circuit.failures += 1;
  }

  #circuit(targetId: string): Circuit {
    return this.#circuits.getOrMake(targetId, () => ({
      state: "closed",
      failuresInARow: 0,
      openings: 0,
      openUntil: 0,
      coolUntil: 0,
      coolReason: "",
      windowStart: this.#clock.monotonic(),
      calls: 0,
      failures: 0,
      told: "",
    }));
  }
}
