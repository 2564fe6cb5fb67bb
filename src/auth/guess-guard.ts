import type { Address } from "../core/address-range.ts";
import { BoundedMap } from "../core/bounded-map.ts";
import { GatewayError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";

export interface GuessSettings {
  /** Failures within a minute that one address may have before its further ones are slowed down. */
  readonly perAddress: number;
  /** The same for all addresses together. */
  readonly inAll: number;
}

export interface GuessGuardOptions {
  readonly settings: () => GuessSettings;
  readonly clock: Pick<Clock, "monotonic">;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Slows down who tries keys out. Only failures come here: a key that is right is never delayed. */
export interface GuessGuard {
  /** Counts a failed authentication, and gives what is to be answered, at once or after a while. */
  failed(address: Address | undefined, error: GatewayError): GatewayError | Promise<GatewayError>;
}

const windowMilliseconds = 60_000;
const mostAddresses = 10_000;
/** Each failure too many waits so much longer than the one before. */
const delayStep = 20;
const longestDelay = 2_000;
/** Answers that may wait at the same time, of one address and in all; those beyond are sent at once. */
const mostHeld = { ofOne: 16, inAll: 512 } as const;

interface Counter {
  count: number;
  /** Where the current minute began, and how many failures the one before had. */
  since: number;
  before: number;
  held: number;
}

const newCounter = (now: number): Counter => ({ count: 0, since: now, before: 0, held: 0 });

/** Failures of the last minute: those of this one, and of the one before as much as is still within. */
const note = (counter: Counter, now: number): number => {
  const passed = now - counter.since;
  if (passed >= windowMilliseconds) {
    counter.before = passed < 2 * windowMilliseconds ? counter.count : 0;
    counter.count = 0;
    counter.since = passed < 2 * windowMilliseconds ? counter.since + windowMilliseconds : now;
  }
  counter.count += 1;
  const left = 1 - (now - counter.since) / windowMilliseconds;
  return counter.count + counter.before * left;
};

/** One subscriber has a whole network of IPv6: its first 64 bits count as one address. */
const nameOf = (address: Address | undefined): string => {
  if (address === undefined) return "unknown";
  return address.bits === 32 ? `4 ${address.value}` : `6 ${address.value >> 64n}`;
};

const tooMany = (waitMilliseconds: number): GatewayError =>
  new GatewayError(
    "rate_limit_exceeded",
    "Too many requests with keys that are not valid came from this address. Check the key, and try again later.",
    { retryAfterMilliseconds: waitMilliseconds },
  );

export const createGuessGuard = ({ settings, clock, sleep }: GuessGuardOptions): GuessGuard => {
  const counters = new BoundedMap<string, Counter>(mostAddresses, ({ held }) => held > 0);
  const all = newCounter(clock.monotonic());
  return {
    failed(address, error) {
      const now = clock.monotonic();
      const counter = counters.getOrMake(nameOf(address), () => newCounter(now));
      const { perAddress, inAll } = settings();
      const excess = Math.max(note(counter, now) - perAddress, note(all, now) - inAll);
      if (excess <= 0) return error;
      const delay = Math.min(longestDelay, Math.ceil(excess) * delayStep);
      const answer = tooMany(Math.min(windowMilliseconds, delay * 30));
      if (counter.held >= mostHeld.ofOne || all.held >= mostHeld.inAll) return answer;
      counter.held += 1;
      all.held += 1;
      return sleep(delay).then(() => {
        counter.held -= 1;
        all.held -= 1;
        return answer;
      });
    },
  };
};
