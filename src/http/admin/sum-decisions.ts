import { type DecisionStatistics, DecisionTally } from "../../core/decision-statistics.ts";
import type { JudgedCallQuery, LearningStore } from "../../core/ports/learning.ts";
import type { CallCursor } from "../../core/ports/ledger-store.ts";

/** Read at once; calls go on in between. */
const pageSize = 250;
const mostPages = 40;

/** Adds up the newest decisions, 10,000 at most; `complete` where there are no more. */
export const sumDecisions = async (
  { judgedCalls }: Pick<LearningStore, "judgedCalls">,
  query: Omit<JudgedCallQuery, "limit" | "before">,
): Promise<DecisionStatistics & { readonly complete: boolean }> => {
  const tally = new DecisionTally();
  let before: CallCursor | undefined;
  for (let page = 0; page < mostPages; page++) {
    const calls = await judgedCalls({ ...query, limit: pageSize, ...(before === undefined ? {} : { before }) });
    for (const call of calls) {
      tally.add(call);
      before = { startedAt: call.startedAt, id: call.callId };
    }
    if (calls.length < pageSize) return { ...tally.statistics(), complete: true };
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { ...tally.statistics(), complete: false };
};
