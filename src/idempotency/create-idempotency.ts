import type { Clock } from "../core/ports/clock.ts";
import type { Encryption } from "../core/ports/encryption.ts";
import type { Idempotency, IdempotencyStore, KeyClaim, KeyEntry, KeyedRequest } from "../core/ports/idempotency.ts";
import { checkKey } from "./check-key.ts";
import { HeldKeys, vouchMilliseconds } from "./held-keys.ts";
import { inFlight, mismatch, notStored } from "./refusals.ts";
import { createSeal } from "./seal.ts";
import type { IdempotencySettings } from "./settings.ts";

/** An answer that was given again. */
export interface Replayed {
  readonly request: KeyedRequest;
  /** The call that it was first given to. */
  readonly callId: string;
}

export interface IdempotencyParts {
  readonly store: IdempotencyStore;
  /** What everything is encrypted and digested with: the pepper. */
  readonly secret: Uint8Array;
  readonly encryption: Encryption;
  /** Names this process. */
  readonly owner: string;
  /** Whether the process that an owner names still runs; `elsewhere` where that cannot be seen from here. */
  readonly livenessOf: (owner: string) => "alive" | "dead" | "elsewhere";
  /** Processes vouch for their calls by it. */
  readonly clock: Clock;
  /** How long answers are kept is judged by it. */
  readonly expiryClock: Pick<Clock, "wall">;
  readonly settings: () => IdempotencySettings;
  /** Told of answers that were given again, and of what went wrong without a call failing; must not throw. */
  readonly onReplayed: (replayed: Replayed) => void;
  readonly onProblem: (error: unknown) => void;
}

export interface OpenIdempotency extends Idempotency {
  /**
   * To be called every {@link upkeepMilliseconds}: vouches for the calls of this process, frees what dead ones held and
   * removes what has expired. Never rejects.
   */
  upkeep(): Promise<void>;
  /** Resolves when the calls, which were told to end, have given their keys back; the rest goes with the process. */
  settled(): Promise<void>;
}

export const upkeepMilliseconds = vouchMilliseconds / 4;
const sweepLimit = 100;

/** What `Idempotency-Key` does, on a store. */
export const createIdempotency = (parts: IdempotencyParts): OpenIdempotency => {
  const { store, owner, clock, expiryClock, settings, onProblem } = parts;
  const seal = createSeal(parts.secret, parts.encryption);
  const held = new HeldKeys({ store, seal, clock: expiryClock, onProblem });

  const hasDied = (holder: string, expiresAt: number): boolean => {
    if (holder === owner) return false;
    const seen = parts.livenessOf(holder);
    return seen === "elsewhere" ? expiresAt <= clock.wall() : seen === "dead";
  };
  const isOver = (entry: KeyEntry): boolean =>
    entry.owner === null ? entry.expiresAt <= expiryClock.wall() : hasDied(entry.owner, entry.expiresAt);

  const replay = (entry: KeyEntry, request: KeyedRequest): KeyClaim => {
    if (entry.answer === null) throw notStored(entry.callId);
    try {
      const answer = seal.open(entry.answer, entry);
      parts.onReplayed({ request, callId: entry.callId });
      return { kind: "saved", answer, callId: entry.callId };
    } catch (error) {
      onProblem(error);
      throw notStored(entry.callId);
    }
  };

  const claim = async (request: KeyedRequest): Promise<KeyClaim | undefined> => {
    const current = settings();
    if (!current.enabled) return undefined;
    checkKey(request.key);
    const id = seal.idOf(request);
    const fingerprint = seal.fingerprintOf(request);
    for (;;) {
      const entry = await store.find(id);
      if (entry !== undefined && !isOver(entry)) {
        if (entry.fingerprint !== fingerprint) throw mismatch();
        if (entry.owner !== null) throw inFlight();
        return replay(entry, request);
      }
      const { callId } = request;
      const expiresAt = clock.wall() + vouchMilliseconds;
      const mine = { id, fingerprint, callId, owner, expiresAt, answer: null };
      // Whoever is beaten here finds the winner's entry in the next round.
      if (await store.take(mine, entry?.callId ?? null))
        return { kind: "held", held: held.hold({ id, callId }, current) };
    }
  };

  const upkeep = async (): Promise<void> => {
    try {
      await held.retry();
      if (held.count > 0) await store.renew(owner, clock.wall() + vouchMilliseconds);
      for (const holder of await store.owners())
        if (hasDied(holder.owner, holder.expiresAt)) await store.abandon(holder.owner);
      // In small pieces, with room for calls between them.
      while ((await store.sweep(expiryClock.wall(), sweepLimit)) === sweepLimit)
        await new Promise((resolve) => setTimeout(resolve, 0));
    } catch (error) {
      onProblem(error);
    }
  };

  return { claim, upkeep, settled: () => held.settled() };
};
