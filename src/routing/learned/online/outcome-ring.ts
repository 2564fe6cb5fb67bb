import { scramble } from "../features/hashed-counts.ts";
import type { PromptFeatures } from "../features/prompt-features.ts";
import { CallPlaces, enlarged } from "./call-places.ts";
import type { RewardSums } from "./reward-sums.ts";

/** A prompt in so many signed sums of its words (Weinberger and others, "Feature Hashing", ICML 2009). */
export const sketchLength = 64;
/** Outcomes that are looked at for one decision: the newest of the same kind of prompt. */
const looked = 512;
/** Prompts less alike than this are no neighbours. */
const leastAlike = 0.5;

/** A prompt's sketch: whole numbers whose squares add up to about 127². */
export const sketchOf = ({ indices, values }: PromptFeatures): Int8Array => {
  const sums = new Float64Array(sketchLength);
  for (let at = 0; at < indices.length; at++) {
    const hash = scramble((indices[at] as number) + 0x9e37);
    const place = hash & (sketchLength - 1);
    const signed = hash & 0x1_0000 ? (values[at] as number) : -(values[at] as number);
    sums[place] = (sums[place] as number) + signed;
  }
  let squares = 0;
  for (const sum of sums) squares += sum * sum;
  const scale = squares === 0 ? 0 : 127 / Math.sqrt(squares);
  return Int8Array.from(sums, (sum) => Math.round(sum * scale));
};

/** What became of a call. */
export interface StoredOutcome {
  readonly callId: string;
  /** Outcomes of the same chain are each other's neighbours: those of one tenant on one kind of prompt. */
  readonly chain: number;
  /** Number of the target. */
  readonly target: number;
  /** Quality that the prior alone expected. */
  readonly expected: number;
  readonly sketch: Int8Array;
  /** Stands for whose call it was, to be forgotten by; 0 where it was nobody's. */
  readonly user: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What one call taught. */
export interface Taught extends RewardSums {
  readonly chain: number;
  readonly target: number;
  readonly at: number;
}

const smallest = 1_024;

/**
 * The newest outcomes in a ring, each in some 110 bytes: what neighbours of a prompt became, and
 * which rewards a call has had. Each chain goes from its newest outcome to its oldest.
 */
export class OutcomeRing {
  readonly capacity: number;
  #room = 0;
  #sketches = new Int8Array(0);
  #targets = new Uint16Array(0);
  #chains = new Int32Array(0);
  #weights = new Float32Array(0);
  #rewards = new Float32Array(0);
  #expected = new Float32Array(0);
  #users = new Uint32Array(0);
  #times = new Float64Array(0);
  /** Place of the one before in the chain, plus 1; 0 where there is none. */
  #before = new Int32Array(0);
  /** Number of the outcome in each place: in a chain that was overwritten it does not fall. */
  #numbers = new Float64Array(0);
  readonly #newest = new Map<number, number>();
  readonly #places = new CallPlaces();
  #next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#places.size;
  }

  has(callId: string): boolean {
    return this.#places.find(callId) !== undefined;
  }

  /** Weight of the rewards that a call has had. */
  weightOf(callId: string): number {
    const place = this.#places.find(callId);
    return place === undefined ? 0 : (this.#weights[place] as number);
  }

  /** The chain that a call stands in. */
  chainOf(callId: string): number | undefined {
    const place = this.#places.find(callId);
    return place === undefined ? undefined : this.#chains[place];
  }

  /** Takes a call in that has no reward yet; where the ring is full, the oldest goes. */
  add({ callId, chain, target, expected, sketch, user, at }: StoredOutcome): void {
    if (this.#places.find(callId) !== undefined) return;
    const place = this.#next % this.capacity;
    if (place >= this.#room) this.#grow();
    this.#places.remove(place);
    this.#places.put(callId, place);
    this.#sketches.set(sketch, place * sketchLength);
    this.#targets[place] = target;
    this.#chains[place] = chain;
    this.#weights[place] = 0;
    this.#rewards[place] = 0;
    this.#expected[place] = expected;
    this.#users[place] = user;
    this.#times[place] = at;
    this.#before[place] = this.#newest.get(chain) ?? 0;
    this.#numbers[place] = this.#next++;
    this.#newest.set(chain, place + 1);
  }

  /** Adds a reward to a call's; nothing where the call is not there (any more). */
  reward(callId: string, weight: number, reward: number): void {
    const place = this.#places.find(callId);
    if (place === undefined) return;
    this.#weights[place] = (this.#weights[place] as number) + weight;
    this.#rewards[place] = (this.#rewards[place] as number) + weight * reward;
  }

  /** Takes a call out, with what it taught; undefined where that is nothing. */
  remove(callId: string): Taught | undefined {
    const place = this.#places.find(callId);
    return place === undefined ? undefined : this.#removeFrom(place);
  }

  /** Takes all calls of a user out, with what they taught. */
  removeUser(user: number): readonly Taught[] {
    const taught: Taught[] = [];
    for (let place = 0; place < Math.min(this.#next, this.capacity); place++)
      if (this.#users[place] === user && this.#places.has(place)) {
        const one = this.#removeFrom(place);
        if (one !== undefined) taught.push(one);
      }
    return taught;
  }

  #removeFrom(place: number): Taught | undefined {
    this.#places.remove(place);
    const weight = this.#weights[place] as number;
    this.#weights[place] = 0;
    this.#sketches.fill(0, place * sketchLength, (place + 1) * sketchLength);
    return weight <= 0
      ? undefined
      : {
          weight,
          reward: this.#rewards[place] as number,
          expected: weight * (this.#expected[place] as number),
          chain: this.#chains[place] as number,
          target: this.#targets[place] as number,
          at: this.#times[place] as number,
        };
  }

  /** Forgets what became of calls of a target in these chains: it is not any more what it was. */
  forgetTarget(target: number, isConcerned: (chain: number) => boolean): void {
    for (let place = 0; place < Math.min(this.#next, this.capacity); place++)
      if (this.#targets[place] === target && isConcerned(this.#chains[place] as number)) this.#weights[place] = 0;
  }

  /** Adds up what became of the neighbours into `sums`, by the number of the target. */
  look(sketch: Int8Array, chain: number, sums: readonly (RewardSums | undefined)[]): void {
    let place = (this.#newest.get(chain) ?? 0) - 1;
    let number = Number.POSITIVE_INFINITY;
    for (let count = 0; place >= 0 && count < looked; count++) {
      const own = this.#numbers[place] as number;
      if (own >= number || this.#chains[place] !== chain) return;
      number = own;
      if ((this.#weights[place] as number) > 0) this.#take(place, sketch, sums);
      place = (this.#before[place] as number) - 1;
    }
  }

  #take(place: number, sketch: Int8Array, sums: readonly (RewardSums | undefined)[]): void {
    const start = place * sketchLength;
    let dot = 0;
    for (let at = 0; at < sketchLength; at++) dot += (sketch[at] as number) * (this.#sketches[start + at] as number);
    const alike = dot / (127 * 127);
    if (alike <= leastAlike) return;
    const near = ((alike - leastAlike) / (1 - leastAlike)) ** 2;
    const target = sums[this.#targets[place] as number];
    if (target === undefined) return;
    const weight = near * (this.#weights[place] as number);
    target.weight += weight;
    target.reward += near * (this.#rewards[place] as number);
    target.expected += weight * (this.#expected[place] as number);
  }

  #grow(): void {
    const room = Math.min(this.capacity, Math.max(smallest, this.#room * 2));
    this.#sketches = enlarged(this.#sketches, new Int8Array(room * sketchLength));
    this.#targets = enlarged(this.#targets, new Uint16Array(room));
    this.#chains = enlarged(this.#chains, new Int32Array(room));
    this.#weights = enlarged(this.#weights, new Float32Array(room));
    this.#rewards = enlarged(this.#rewards, new Float32Array(room));
    this.#expected = enlarged(this.#expected, new Float32Array(room));
    this.#users = enlarged(this.#users, new Uint32Array(room));
    this.#times = enlarged(this.#times, new Float64Array(room));
    this.#before = enlarged(this.#before, new Int32Array(room));
    this.#numbers = enlarged(this.#numbers, new Float64Array(room));
    this.#room = room;
  }
}
