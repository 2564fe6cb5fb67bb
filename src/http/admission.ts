import { GatewayError } from "../core/errors.ts";

/** Calls that were turned away since the last report. */
export interface ShedReport {
  readonly refused: number;
  readonly lagMilliseconds: number;
  readonly callsInFlight: number;
}

export interface AdmissionOptions {
  readonly maxCalls: number;
  readonly maxLagMilliseconds: number;
  readonly callsInFlight: () => number;
  /** How late the event loop is at this instant. */
  readonly currentLag: () => number;
  /** Whether so much memory is used that more calls may be too much. */
  readonly isMemoryShort: () => boolean;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Told at most once a second: a line for each refusal would be part of the load. */
  readonly onShed: (report: ShedReport) => void;
}

/** Decides whether a call is taken, before anything of it is read. Counts and compares: it must cost nothing. */
export interface Admission {
  /** Why a call is refused: `overloaded` or `shutting_down`; undefined where it is taken. */
  refuseCall(): GatewayError | undefined;
  /** How late the event loop was when it came round; to be told each time. */
  noteLag(milliseconds: number): void;
  /** Calls that were refused as `overloaded`, since the start. */
  shedCalls(): number;
  /** From now on every call is refused. */
  stop(): void;
}

const reportMilliseconds = 1_000;
/** With fewer calls under way, it is not calls that hold the loop up, or fill the memory. */
const leastCalls = 8;
/** So many calls within one round explain why it is late. */
const manyCalls = 32;
/** At least one call in twenty is taken, so that it is noticed when the load is over. */
const largestShare = 0.95;
const step = { up: 0.03, down: 0.03 } as const;
/** The later the loop, the larger the step, up to so many times. */
const mostSteps = 4;

const overloaded = (reason: string, retryAfterMilliseconds: number): GatewayError =>
  new GatewayError("overloaded", `The gateway has too much to do at the moment: ${reason}. Try again later.`, {
    retryAfterMilliseconds,
  });

export const openAdmission = (options: AdmissionOptions): Admission => {
  const { maxCalls, maxLagMilliseconds, callsInFlight, currentLag, isMemoryShort, now, onShed } = options;
  let isStopped = false;
  /** Of new calls this share is refused: it grows while the loop is late, so that load settles at what can be served. */
  let share = 0;
  /** One late round may be a large body's or the collector's; two in a row are load, or one that brought many calls. */
  let wasLate = false;
  let taken = 0;
  const isLoad = (): boolean => wasLate || taken >= manyCalls;
  let owed = 0;
  let refused = 0;
  let refusedInAll = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  const shed = (reason: string, retryAfterMilliseconds: number): GatewayError => {
    refused += 1;
    refusedInAll += 1;
    if (now() - reportedAt >= reportMilliseconds) {
      reportedAt = now();
      onShed({ refused, lagMilliseconds: Math.round(currentLag()), callsInFlight: callsInFlight() });
      refused = 0;
    }
    return overloaded(reason, retryAfterMilliseconds);
  };
  return {
    refuseCall() {
      if (isStopped) return new GatewayError("shutting_down", "The gateway is stopping. Send the request again.");
      const open = callsInFlight();
      if (open >= maxCalls) return shed(`${maxCalls} calls are open`, 1_000);
      if (open < leastCalls) return undefined;
      if (isMemoryShort()) return shed("its memory is nearly used up", 2_000);
      // One round of the loop may bring a thousand calls: what is over the mark is refused within that round.
      if (isLoad() && currentLag() > maxLagMilliseconds) return shed("it answers too slowly", 2_000);
      owed += share;
      if (owed >= 1) {
        owed -= 1;
        return shed("it answers too slowly", 2_000);
      }
      taken += 1;
      return undefined;
    },
    noteLag(milliseconds) {
      const isLate = milliseconds > maxLagMilliseconds;
      share =
        isLate && isLoad()
          ? Math.min(largestShare, share + step.up * Math.min(mostSteps, milliseconds / maxLagMilliseconds))
          : Math.max(0, share - step.down);
      wasLate = isLate;
      taken = 0;
      if (share === 0) owed = 0;
    },
    shedCalls: () => refusedInAll,
    stop() {
      isStopped = true;
    },
  };
};
