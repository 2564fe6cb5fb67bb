import type { BacktestedPolicy, BacktestQuery, BacktestReport } from "../../core/ports/backtest.ts";
import type { LearningStore } from "../../core/ports/learning.ts";
import type { CallCursor } from "../../core/ports/ledger-store.ts";
import { backtest, type ReplayedCall } from "./backtest.ts";
import { type ChoosingPolicy, constantPolicy, loggedCallOf, pricedPolicy } from "./logged-call.ts";

/** Read at once; calls go on in between. */
const pageSize = 250;
const mostPages = 40;

/** How a policy that a client names chooses. */
export const choosingPolicy = (policy: BacktestedPolicy): ChoosingPolicy =>
  policy.kind === "constant" ? constantPolicy(policy.target) : pricedPolicy(policy.lambda);

/** Judges a policy by the newest recorded calls, 10,000 at most. Throws as {@link backtest} and the store do. */
export const runBacktest = async (
  { judgedCalls }: Pick<LearningStore, "judgedCalls">,
  query: BacktestQuery,
  { name, choose }: ChoosingPolicy,
): Promise<BacktestReport> => {
  const calls: ReplayedCall[] = [];
  let before: CallCursor | undefined;
  let complete = false;
  for (let page = 0; page < mostPages && !complete; page++) {
    const found = await judgedCalls({ ...query, limit: pageSize, ...(before === undefined ? {} : { before }) });
    for (const recorded of found) {
      const call = loggedCallOf(recorded);
      if (call !== undefined) calls.push({ call, choice: choose(recorded) });
      before = { startedAt: recorded.startedAt, id: recorded.callId };
    }
    complete = found.length < pageSize;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return backtest({ route: query.route, policy: name, calls, complete });
};
