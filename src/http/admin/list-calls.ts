import { GatewayError } from "../../core/errors.ts";
import type { Outcome } from "../../core/ledger.ts";
import type { CallCursor, CallFilter, CallSummary, LedgerStore } from "../../core/ports/ledger-store.ts";

const pageSize = 200;
/** Pages read for one request: where an outcome is rare, the client goes on from where this one stopped. */
const mostPages = 25;

/** A cursor as text: the start of the page's last call, and its id. */
export const writeCursor = ({ startedAt, id }: CallCursor): string => `${startedAt}.${id}`;

/** Throws `invalid_value`. */
export const readCursor = (text: string): CallCursor => {
  const match = /^(\d{1,15})\.([\x21-\x7e]{1,200})$/.exec(text);
  if (match?.[2] !== undefined) return { startedAt: Number(match[1]), id: match[2] };
  throw new GatewayError("invalid_value", "Invalid value for 'before': expected what an earlier page gave as 'next'.", {
    param: "before",
  });
};

export interface CallQuery extends CallFilter {
  readonly limit: number;
  readonly before?: CallCursor | undefined;
  readonly outcome?: Outcome | undefined;
}

/** One page of calls, newest first, and where the next one begins; null where there is none. */
export const listCalls = async (
  ledger: Pick<LedgerStore, "recentCalls">,
  { limit, before, outcome, ...filter }: CallQuery,
): Promise<{ readonly calls: readonly CallSummary[]; readonly next: string | null }> => {
  const calls: CallSummary[] = [];
  let cursor = before;
  for (let page = 0; page < mostPages; page++) {
    const size = outcome === undefined ? limit + 1 : pageSize;
    const read = await ledger.recentCalls({
      ...filter,
      limit: size,
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    for (const [index, call] of read.entries()) {
      cursor = call;
      if (outcome === undefined || call.outcome === outcome) calls.push(call);
      const isLast = index === read.length - 1 && read.length < size;
      if (calls.length === limit) return { calls, next: isLast ? null : writeCursor(call) };
    }
    if (read.length < size) return { calls, next: null };
  }
  return { calls, next: cursor === undefined ? null : writeCursor(cursor) };
};
