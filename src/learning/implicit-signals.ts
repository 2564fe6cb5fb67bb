import { createHash } from "node:crypto";
import { BoundedMap } from "../core/bounded-map.ts";
import type { AnswerEnding } from "../core/decision.ts";
import { giverOf } from "../core/feedback-giver.ts";
import type { DecidedCall, Feedback } from "../core/ports/learning.ts";

/** Whoever asks the same again within this was not content. */
const againMilliseconds = 300_000;
/** So many questions are remembered. */
const mostQuestions = 5_000;

/**
 * What a sign is worth: less than half, since each has other reasons too. Whoever learns gives `implicit` little weight
 * besides. That nothing happens is no reward.
 */
const rewards = { again: 0.25, refused: 0.1, leftHalfway: 0.35, cutOff: 0.3 } as const;
/** Below so many tokens it is the client who wanted no more. */
const longAnswer = 512;

type Sign = keyof typeof rewards;

/** What of a settled call is looked at. */
export interface SettledSigns {
  readonly call: DecidedCall;
  readonly errorCode: string | null;
  /** Whether the client got content. */
  readonly hasContent: boolean;
  readonly ending: AnswerEnding | undefined;
  readonly outputTokens: number;
}

/** Reads from what callers do how good answers were, of this process's calls. Keeps digests of questions, in memory. */
export const createImplicitSignals = (): { observe(settled: SettledSigns): readonly Feedback[] } => {
  const asked = new BoundedMap<string, { callId: string; at: number }>(mostQuestions);

  const feedback = ({ callId, tenant }: Pick<DecidedCall, "callId" | "tenant">, sign: Sign, at: number): Feedback => ({
    id: `implicit\n${sign}`,
    callId,
    tenant,
    giver: "program",
    source: "implicit",
    reward: rewards[sign],
    at,
  });

  /** The call that the same caller asked the same with, a while ago. */
  const before = ({ callId, tenant, route, keyId, userId, startedAt, detail }: DecidedCall): string | undefined => {
    // Without a key, nobody knows whether it is the same caller.
    if (detail.features === undefined || (keyId === null && userId === null)) return undefined;
    const hash = createHash("sha256");
    for (const part of [tenant, giverOf({ keyId, userId }), route, detail.features]) hash.update(`${part}\n`);
    const question = hash.digest("base64");
    const known = asked.get(question);
    const latest = asked.getOrMake(question, () => ({ callId, at: startedAt }));
    const earlier = known?.callId;
    const isSoon = known !== undefined && startedAt - known.at < againMilliseconds;
    Object.assign(latest, { callId, at: startedAt });
    return isSoon && earlier !== callId ? earlier : undefined;
  };

  return {
    observe({ call, errorCode, hasContent, ending, outputTokens }) {
      const at = call.startedAt + call.durationMilliseconds;
      const earlier = before(call);
      const isRefused = errorCode === "content_policy_violation" || ending === "refusal" || ending === "contentFilter";
      const isLeft = call.outcome === "aborted" && hasContent;
      return [
        ...(earlier === undefined ? [] : [feedback({ callId: earlier, tenant: call.tenant }, "again", at)]),
        ...(isLeft ? [feedback(call, "leftHalfway", at)] : []),
        ...(isRefused ? [feedback(call, "refused", at)] : []),
        ...(ending === "length" && outputTokens >= longAnswer ? [feedback(call, "cutOff", at)] : []),
      ];
    },
  };
};
