import type { ApiClient } from "../../connect.ts";
import type { CliContext } from "../../context.ts";
import { formatCount, formatMilliseconds, formatUsd } from "../../output/quantities.ts";
import { onOneLine } from "../../output/sanitise.ts";
import { request, segment } from "../../request.ts";
import { callSchema } from "../call-schema.ts";
import type { Answer } from "./answer.ts";

const tries = 4;
const pauseMilliseconds = 100;

/**
 * The cost of a streamed answer is known when it has ended, so the ledger is asked; null where this key may not read it,
 * or the call is not there in time.
 */
export const findCost = async (client: ApiClient, answer: Answer, { system }: CliContext): Promise<number | null> => {
  if (answer.costUsd !== null || answer.requestId === null) return answer.costUsd;
  for (let attempt = 1; attempt <= tries; attempt++) {
    try {
      const path = `/admin/v1/calls/${segment(answer.requestId)}`;
      return (await request(client, { path, schema: callSchema })).chargeUsd;
    } catch (error) {
      // The ledger is written behind the answer: it may need a moment.
      if ((error as { readonly code?: unknown }).code !== "not_found" || attempt === tries) return null;
      await system.sleep(pauseMilliseconds);
    }
  }
  return null;
};

/** One line on what an answer took: model, tokens, cost, time. */
export const summarise = (
  answer: Answer,
  took: { readonly milliseconds: number; readonly costUsd: number | null },
): string => {
  const model = answer.model === null ? "model unknown" : onOneLine(answer.model);
  const provider = answer.provider === null ? "" : ` (${onOneLine(answer.provider)})`;
  const tokens =
    answer.usage === null
      ? "tokens unknown"
      : `${formatCount(answer.usage.inputTokens)} tokens in, ${formatCount(answer.usage.outputTokens)} out`;
  const cost = took.costUsd === null ? "cost unknown" : formatUsd(took.costUsd);
  const call = answer.requestId === null ? "" : ` · call ${onOneLine(answer.requestId)}`;
  return `${model}${provider} · ${tokens} · ${cost} · ${formatMilliseconds(took.milliseconds)}${call}`;
};
