import type { Address } from "../core/address-range.ts";
import { GatewayError } from "../core/errors.ts";
import type { Guesses, GuessTally } from "../core/ports/guesses.ts";

export interface GuessSettings {
  /** Failures within a minute that one address may have before its further ones are slowed down. */
  readonly perAddress: number;
  /** The same for all addresses together. */
  readonly inAll: number;
}

export interface GuessGuardOptions {
  readonly settings: () => GuessSettings;
  /** Counts failures, of this process or of several. */
  readonly guesses: Guesses;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Slows down who tries keys out. Only failures come here: a key that is right is never delayed. */
export interface GuessGuard {
  /** Counts a failed authentication, and gives what is to be answered, at once or after a while. */
  failed(address: Address | undefined, error: GatewayError): GatewayError | Promise<GatewayError>;
}

/** Each failure too many waits so much longer than the one before. */
const delayStep = 20;
const longestDelay = 2_000;
const longestRetryAfter = 60_000;
/** Answers that may wait in this process at the same time, of one address and in all; those beyond are sent at once. */
const mostHeld = { ofOne: 16, inAll: 512 } as const;

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

/** Answers that are held back. */
interface Held {
  readonly ofOne: Map<string, number>;
  inAll: number;
}

const mayHold = ({ ofOne, inAll }: Held, name: string): boolean =>
  (ofOne.get(name) ?? 0) < mostHeld.ofOne && inAll < mostHeld.inAll;

const take = (held: Held, name: string): void => {
  held.ofOne.set(name, (held.ofOne.get(name) ?? 0) + 1);
  held.inAll += 1;
};

const giveBack = (held: Held, name: string): void => {
  const left = (held.ofOne.get(name) ?? 0) - 1;
  if (left > 0) held.ofOne.set(name, left);
  else held.ofOne.delete(name);
  held.inAll -= 1;
};

export const createGuessGuard = ({ settings, guesses, sleep }: GuessGuardOptions): GuessGuard => {
  const held: Held = { ofOne: new Map(), inAll: 0 };
  const answer = (name: string, tally: GuessTally, error: GatewayError): GatewayError | Promise<GatewayError> => {
    const { perAddress, inAll } = settings();
    const excess = Math.max(tally.ofAddress - perAddress, tally.inAll - inAll);
    if (excess <= 0) return error;
    const delay = Math.min(longestDelay, Math.ceil(excess) * delayStep);
    const refusal = tooMany(Math.min(longestRetryAfter, delay * 30));
    if (!mayHold(held, name)) return refusal;
    take(held, name);
    return sleep(delay).then(() => {
      giveBack(held, name);
      return refusal;
    });
  };
  return {
    failed(address, error) {
      const name = nameOf(address);
      const tally = guesses.note(name);
      return tally instanceof Promise ? tally.then((known) => answer(name, known, error)) : answer(name, tally, error);
    },
  };
};
