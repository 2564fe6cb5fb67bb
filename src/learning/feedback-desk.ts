import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import { giverOf } from "../core/feedback-giver.ts";
import type {
  CallOwner,
  Feedback,
  FeedbackAdded,
  FeedbackDesk,
  FeedbackReceipt,
  GivenFeedback,
  RewardSource,
} from "../core/ports/learning.ts";
import type { Limits } from "../core/ports/limits.ts";

export interface FeedbackDeskParts {
  /** Of any settled call of this moment. */
  readonly ownerOf: (callId: string) => Promise<CallOwner | undefined>;
  readonly add: (feedback: Feedback) => Promise<FeedbackAdded>;
  readonly limits: Limits;
  readonly perMinute: () => number;
  /** Names one reservation of limits. */
  readonly newId: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const minuteMilliseconds = 60_000;

const unknownCall = (): GatewayError =>
  new GatewayError(
    "not_found",
    "There is no settled call of this id that this key may judge. Give the x-request-id of a reply that it got.",
    { param: "call_id" },
  );

const tooMuch = (): GatewayError =>
  new GatewayError("rate_limit_exceeded", "There is as much feedback on this call as is kept of one. Give no more.", {
    param: "call_id",
    retryAfterMilliseconds: Number.POSITIVE_INFINITY,
  });

/** Whoever sees all calls of a tenant may judge them; others those of their own user or key. */
const mayJudge = (caller: Caller, owner: CallOwner): boolean => {
  if (caller.everywhere && caller.permissions.has("calls.read")) return true;
  if (caller.tenant !== owner.tenant) return false;
  if (caller.permissions.has("calls.read") || caller.keyId === owner.keyId) return true;
  return caller.userId !== null && caller.userId === owner.userId;
};

/** Each source with its reward. Who corrects an answer and rates it too has said with the rating how wrong it was. */
const wordsOf = ({ rating, outcome, corrected }: GivenFeedback): readonly (readonly [RewardSource, number])[] => [
  ...(outcome === undefined ? [] : [["verifier", outcome] as const]),
  ...(rating === undefined && corrected === undefined ? [] : [["rating", rating ?? 0] as const]),
];

/** A line end stands in none of the three, so that no two have the same id. */
const idOf = (giver: string, source: RewardSource, id: string | undefined): string =>
  id === undefined ? `${giver}\n${source}` : `${giver}\n${source}\n${id}`;

/** Takes feedback of those who may give it, as much as they may. */
export const createFeedbackDesk = (parts: FeedbackDeskParts): FeedbackDesk => {
  const { ownerOf, add, limits, perMinute, newId, now } = parts;

  /** Counts each try: ids that are guessed count as well. */
  const count = async (giver: string, { tenant }: Caller): Promise<void> => {
    const id = newId();
    const claim = {
      scope: "feedback",
      subject: `${tenant}\n${giver}`,
      windowMilliseconds: minuteMilliseconds,
      requests: perMinute(),
    } as const;
    const reserved = await limits.reserve({ id, tokens: 0, claims: [claim] });
    if (reserved.kind === "granted") return limits.settle({ id, tokens: 0, unused: [] });
    throw new GatewayError(
      "rate_limit_exceeded",
      `Feedback was sent more than ${claim.requests} times within a minute. Send it slower, or have learning.feedbackPerMinute raised.`,
      { retryAfterMilliseconds: reserved.waitMilliseconds ?? minuteMilliseconds },
    );
  };

  return {
    async take(given, caller) {
      const giver = giverOf(caller);
      await count(giver, caller);
      const owner = await ownerOf(given.callId);
      if (owner === undefined || !mayJudge(caller, owner)) throw unknownCall();
      const receipts: FeedbackReceipt[] = [];
      for (const [source, reward] of wordsOf(given)) {
        const id = idOf(giver, source, given.id);
        const status = await add({ id, callId: owner.callId, tenant: owner.tenant, giver, source, reward, at: now() });
        if (status === "unknown") throw unknownCall();
        if (status === "full") throw tooMuch();
        receipts.push({ source, reward, status });
      }
      return receipts;
    },
  };
};
