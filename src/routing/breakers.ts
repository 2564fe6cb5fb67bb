import { BoundedMap } from "../core/bounded-map.ts";
import type { ErrorCode, GatewayError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Admission, Health } from "../core/ports/health.ts";

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
}

const closed: Admission = { kind: "closed" };

/** A circuit breaker and a cool-down per target, for the calls of this process. */
export class Breakers implements Health {
  readonly #circuits = new BoundedMap<string, Circuit>(mostTargets);
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #settings: BreakerSettings;

  constructor(clock: Pick<Clock, "monotonic">, settings: BreakerSettings = defaultBreakerSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Targets whose circuit is not closed, for metrics and people. */
  openTargets(): readonly string[] {
    return [...this.#circuits.entries()].filter(([, { state }]) => state !== "closed").map(([target]) => target);
  }

  look(targetId: string): Admission {
    const circuit = this.#circuits.get(targetId);
    return circuit === undefined ? closed : this.#judge(circuit);
  }

  admit(targetId: string): Admission {
    const circuit = this.#circuits.get(targetId);
    if (circuit === undefined) return closed;
    const admission = this.#judge(circuit);
    if (admission.kind === "probe") circuit.state = "probing";
    return admission;
  }

  succeed(targetId: string): void {
    const circuit = this.#circuits.get(targetId);
    if (circuit === undefined) return;
    circuit.failuresInARow = 0;
    if (circuit.state === "closed") this.#count(circuit, "ok");
    else this.#circuits.delete(targetId);
  }

  fail(targetId: string, error: GatewayError): void {
    if (error.code === "rate_limit_exceeded")
      this.#cool(targetId, error.retryAfterMilliseconds ?? usualCoolDownMilliseconds, "it asked for a pause");
    else if (error.code === "insufficient_quota")
      this.#cool(targetId, error.retryAfterMilliseconds ?? quotaMilliseconds, "its quota is used up");
    else if (!counted.has(error.code)) this.release(targetId);
    else this.#countFailure(targetId, error);
  }

  #countFailure(targetId: string, { retryAfterMilliseconds = 0 }: GatewayError): void {
    const circuit = this.#circuit(targetId);
    circuit.failuresInARow += 1;
    this.#count(circuit, "failed");
    if (circuit.state !== "closed" || this.#isTooMuch(circuit)) this.#open(circuit, retryAfterMilliseconds);
  }

  release(targetId: string): void {
    const circuit = this.#circuits.get(targetId);
    // The next call probes instead.
    if (circuit?.state === "probing") circuit.state = "open";
  }

  coolDown(targetId: string, milliseconds: number): void {
    this.#cool(targetId, milliseconds, "its quota of calls is used up");
  }

  #judge(circuit: Circuit): Admission {
    const now = this.#clock.monotonic();
    if (circuit.coolUntil > now)
      return { kind: "cooling", waitMilliseconds: circuit.coolUntil - now, reason: circuit.coolReason };
    if (circuit.state === "closed") return closed;
    if (circuit.state === "open" && circuit.openUntil <= now) return { kind: "probe" };
    const wait = Math.max(circuit.openUntil - now, circuit.state === "probing" ? this.#settings.openMilliseconds : 0);
    return { kind: "open", waitMilliseconds: wait, reason: "its circuit is open after repeated failures" };
  }

  #open(circuit: Circuit, atLeastMilliseconds: number): void {
    const { openMilliseconds, longestOpenMilliseconds } = this.#settings;
    const length = Math.min(longestOpenMilliseconds, openMilliseconds * 2 ** circuit.openings);
    circuit.state = "open";
    circuit.openings += 1;
    circuit.openUntil =
      this.#clock.monotonic() + Math.max(length, Math.min(atLeastMilliseconds, longestOpenMilliseconds));
  }

  #cool(targetId: string, milliseconds: number, reason: string): void {
    const circuit = this.#circuit(targetId);
    if (circuit.state === "probing") circuit.state = "open";
    circuit.coolUntil = this.#clock.monotonic() + Math.min(milliseconds, longestCoolDownMilliseconds);
    circuit.coolReason = reason;
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
    }));
  }
}
