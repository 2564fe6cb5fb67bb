import type { AttemptRecord, CallRecord } from "../core/ledger.ts";
import { costOf, type PicoUsd } from "../core/money.ts";

/** Something in the ledger that does not agree with the rest of it. */
export interface Difference {
  readonly kind:
    | "cost"
    | "charge"
    | "attempt cost"
    | "attempts"
    | "no answer"
    | "no call"
    | "twice"
    | "dispatch"
    | "position"
    | "gap"
    | "unreadable"
    | "quarantine"
    | "spent day";
  readonly call?: string;
  readonly attempt?: number;
  readonly segment?: string;
  /** As `2026-11-24`, UTC. */
  readonly day?: string;
  /** For people: both sides of the difference. */
  readonly text: string;
}

type Billed = Pick<CallRecord, "id" | "outcome" | "costPicoUsd" | "chargePicoUsd" | "attempts">;

/** What an attempt should cost by its own record; undefined where the record has nothing to compute it from. */
const due = ({ costSource, usage, price, costPicoUsd }: AttemptRecord): PicoUsd | undefined => {
  if (costSource === "unpriced" || costSource === "none") return 0;
  // An upper bound was computed from the request, which is not kept.
  if (costSource === "bound") return costPicoUsd >= 0 ? costPicoUsd : undefined;
  if (usage === null) return undefined;
  return price === null ? usage.reportedCostPicoUsd : costOf(usage, price);
};

const checkAttempt = (call: string, attempt: AttemptRecord): readonly Difference[] => {
  const expected = due(attempt);
  if (expected === attempt.costPicoUsd) return [];
  const text =
    expected === undefined
      ? `costs ${attempt.costPicoUsd} (${attempt.costSource}), and nothing in its record says why`
      : `costs ${attempt.costPicoUsd} (${attempt.costSource}), its price and usage give ${expected}`;
  return [{ kind: "attempt cost", call, attempt: attempt.number, text }];
};

const sum = (attempts: readonly AttemptRecord[]): PicoUsd =>
  attempts.reduce((total, { costPicoUsd }) => total + costPicoUsd, 0);

/** Checks one call by itself: its sums, its attempts' costs, their numbers, and that an answer has an attempt. */
export const checkCall = ({ id, outcome, costPicoUsd, chargePicoUsd, attempts }: Billed): readonly Difference[] => {
  const cost = sum(attempts);
  const charge = sum(attempts.filter(({ delivered, contributed }) => delivered || contributed === true));
  const numbers = attempts.map(({ number }) => number);
  const differences: Difference[] = attempts.flatMap((attempt) => checkAttempt(id, attempt));
  if (cost !== costPicoUsd)
    differences.push({ kind: "cost", call: id, text: `costs ${costPicoUsd}, its attempts ${cost}` });
  if (charge !== chargePicoUsd)
    differences.push({ kind: "charge", call: id, text: `charges ${chargePicoUsd}, its attempts that count ${charge}` });
  if (numbers.some((number, place) => number !== place + 1))
    differences.push({ kind: "attempts", call: id, text: `has the attempts ${numbers.join(", ")}, counted from 1` });
  if (outcome === "ok" && !attempts.some((attempt) => attempt.delivered || attempt.outcome === "ok"))
    differences.push({ kind: "no answer", call: id, text: "ended ok, and no attempt of it answered" });
  return differences;
};
