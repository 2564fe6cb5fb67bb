import type { Call } from "../core/call.ts";
import type { CallRecord } from "../core/ledger.ts";

/** What an answer is taken to need where the request sets no limit; the settlement puts it right. */
export const usualOutputTokens = 1_024;
/** Above every limit that can be configured, and small enough to be added up. */
const most = 2_000_000_000_000;

const bounded = (tokens: number): number => (tokens >= 0 ? Math.min(most, Math.ceil(tokens)) : 0);

interface Answering {
  readonly maxOutputTokens?: number;
  readonly n?: number;
  readonly bestOf?: number;
  readonly prompt?: readonly unknown[];
}

/** What a call may take: its input as estimated, and every answer that it asks for at its full length. */
export const expectedTokens = ({ operation, request, scope }: Call): number => {
  const input = bounded(scope.estimatedInputTokens);
  if (operation === "embeddings") return input;
  const { maxOutputTokens = usualOutputTokens, n = 1, bestOf = 1, prompt } = request as Answering;
  const answers = Math.max(n, bestOf) * Math.max(1, prompt?.length ?? 1);
  return bounded(input + bounded(maxOutputTokens * answers));
};

/**
 * What a settled call took: input and output of all attempts. One that was refused took nothing; one of which nobody
 * knows keeps the whole reservation.
 */
export const takenTokens = ({ attempts }: CallRecord, reserved: number): number => {
  let taken = 0;
  let isUnknown = false;
  for (const { usage, costSource } of attempts) {
    if (usage !== null) taken += bounded(usage.inputTokens) + bounded(usage.outputTokens);
    else if (costSource !== "none") isUnknown = true;
  }
  return bounded(isUnknown ? Math.max(taken, reserved) : taken);
};
