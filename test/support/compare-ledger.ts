import { estimateTextTokens } from "../../src/core/estimate-text-tokens.ts";
import { behaviourOf, pieceCharacters, promptTokens, textOf } from "../upstream/behaviour.ts";
import type { Dispatch } from "../upstream/journal.ts";
import type { Check } from "./checks.ts";
import type { AttemptRow, CallRow, LedgerRows } from "./ledger-rows.ts";
import type { Receipt } from "./receipt.ts";
import { providerName } from "./send-call.ts";

/** The three books that must agree: what clients hold, what the upstream saw, and what the ledger says. */
export interface Books {
  readonly receipts: readonly Receipt[];
  readonly dispatches: readonly Dispatch[];
  readonly ledger: LedgerRows;
}

interface Indexed extends Books {
  readonly dispatchesOf: (model: string) => readonly Dispatch[];
  readonly attemptsOf: (model: string) => readonly AttemptRow[];
  readonly attemptsOfCall: (id: string) => readonly AttemptRow[];
  readonly callsOf: (model: string) => readonly CallRow[];
  readonly callById: ReadonlyMap<string, CallRow>;
}

const lookUp =
  <Key, Value>(groups: ReadonlyMap<Key, readonly Value[]>) =>
  (key: Key): readonly Value[] =>
    groups.get(key) ?? [];

const index = (books: Books): Indexed => {
  const { calls, attempts } = books.ledger;
  return {
    ...books,
    dispatchesOf: lookUp(Map.groupBy(books.dispatches, ({ model }) => model)),
    attemptsOf: lookUp(Map.groupBy(attempts, ({ model }) => model)),
    attemptsOfCall: lookUp(Map.groupBy(attempts, ({ callId }) => callId)),
    callsOf: lookUp(Map.groupBy(calls, ({ requestedModel }) => requestedModel.slice(providerName.length + 1))),
    callById: new Map(calls.map((call) => [call.id, call])),
  };
};

/** What the upstream certainly took part in. */
const reachedUpstream = ({ outcome, headersAfter, delivered }: AttemptRow): boolean =>
  outcome === "ok" || headersAfter !== null || delivered !== 0;

/** An attempt may be recorded and never arrive; what arrived must be recorded, and as often as it arrived. */
const dispatchFaults = ({ receipts, dispatchesOf, attemptsOf }: Indexed): string[] =>
  receipts.flatMap(({ model }) => {
    const arrived = dispatchesOf(model).length;
    const recorded = attemptsOf(model);
    if (arrived > recorded.length) return [`${model}: ${arrived} dispatches, ${recorded.length} attempt rows`];
    const certain = recorded.filter(reachedUpstream).length;
    return certain > arrived ? [`${model}: ${certain} attempts with an answer, ${arrived} dispatches`] : [];
  });

const unknownDispatchFaults = ({ receipts, dispatches }: Books): string[] => {
  const sent = new Set(receipts.map(({ model }) => model));
  return dispatches.flatMap(({ model, number }) =>
    sent.has(model) ? [] : [`dispatch ${number} asks for ${model}, which no client sent`],
  );
};

/** Each model's name is sent once, so each has at most one call; one that reached the upstream has exactly one. */
const callCountFaults = ({ receipts, callsOf, dispatchesOf }: Indexed): string[] =>
  receipts.flatMap(({ model }) => {
    const count = callsOf(model).length;
    if (count > 1) return [`${model}: ${count} calls rows`];
    return count === 0 && dispatchesOf(model).length > 0 ? [`${model}: dispatched, and no calls row`] : [];
  });

const answerFaults = ({ receipts, callById, attemptsOfCall }: Indexed): string[] =>
  receipts.flatMap(({ model, ending, requestId }) => {
    if (ending !== "whole") return [];
    const call = callById.get(requestId ?? "");
    if (call === undefined) return [`${model}: answered as ${requestId}, and no calls row`];
    const attempts = attemptsOfCall(call.id);
    const faults = [
      ...(call.outcome === "ok" && call.status === 200
        ? []
        : [`${model}: answered, and recorded as ${call.outcome} ${call.status}`]),
      ...(call.requestedModel === `${providerName}/${model}`
        ? []
        : [`${model}: ${call.id} is recorded for ${call.requestedModel}`]),
      ...(attempts.at(-1)?.outcome === "ok"
        ? []
        : [`${model}: answered, and its last attempt is ${attempts.at(-1)?.outcome ?? "missing"}`]),
    ];
    return faults;
  });

/** An error that a client was told stands in the ledger too; of a stream that had begun, the status had left before. */
const errorFaults = ({ receipts, callById }: Indexed): string[] =>
  receipts.flatMap(({ model, kind, ending, requestId, status }) => {
    if (ending !== "refused" || kind === "malformed") return [];
    const call = callById.get(requestId ?? "");
    const isRecorded = call?.outcome === "error" && (status === 200 || call.status === status);
    return isRecorded ? [] : [`${model}: refused with ${status}, recorded as ${call?.outcome} ${call?.status}`];
  });

const numberingFaults = ({ ledger, attemptsOfCall, callById }: Indexed): string[] => [
  ...ledger.calls.flatMap(({ id }) =>
    attemptsOfCall(id).every(({ number }, position) => number === position + 1)
      ? []
      : [`${id}: attempts are not numbered from 1 without gaps`],
  ),
  ...ledger.attempts.flatMap(({ callId }) =>
    callById.has(callId) ? [] : [`attempt of ${callId}, which has no calls row`],
  ),
];

/** Nothing counts as answered whose answer the upstream did not finish. */
const unfoundedFaults = ({ receipts, callsOf, dispatchesOf }: Indexed): string[] =>
  receipts.flatMap(({ model, ending }) => {
    const isRecordedOk = callsOf(model).some(({ outcome }) => outcome === "ok");
    const isFinished = dispatchesOf(model).some(({ ending }) => ending?.how === "finished");
    return isRecordedOk && !isFinished
      ? [`${model}: recorded as ok, unfinished upstream, ${ending} at the client`]
      : [];
  });

/** Tokens that pieces of text count for where only the text is known. */
const tokensOf = (model: string, pieces: number): number => estimateTextTokens(textOf(model, pieces));

const isUnbilled = ({ outcome, usageSource, inputTokens }: AttemptRow): boolean =>
  outcome === "aborted" && (usageSource === "unknown" || (inputTokens ?? 0) < 1);

/** Whose client left before the request did owes nothing; what arrived upstream is billed. */
const unbilledFaults = ({ receipts, attemptsOf, dispatchesOf }: Indexed): string[] =>
  receipts.flatMap(({ model }) => {
    const attempts = attemptsOf(model);
    const unbilled = attempts.filter(isUnbilled).length;
    const arrived = dispatchesOf(model).length;
    return unbilled > 0 && attempts.length - unbilled < arrived
      ? [`${model}: left by its client and not billed (${unbilled} of ${attempts.length} attempts, ${arrived} arrived)`]
      : [];
  });

const usageFault = (receipt: Receipt, attempt: AttemptRow, dispatch: Dispatch | undefined): string | undefined => {
  const { model, text } = receipt;
  const { outcome, usageSource, inputTokens, outputTokens } = attempt;
  if (outcome === "ok" && usageSource === "reported") {
    const expected = receipt.kind === "embeddings" ? 0 : behaviourOf(model).chunks;
    if (inputTokens === promptTokens && outputTokens === expected) return undefined;
    return `${model}: ${inputTokens} + ${outputTokens} tokens recorded, ${promptTokens} + ${expected} reported`;
  }
  if (outcome === "ok" && behaviourOf(model).usage === "reported")
    return `${model}: the usage that was reported is ${usageSource} in the ledger`;
  if (outcome !== "aborted" || isUnbilled(attempt)) return undefined;
  if (usageSource === "reported" || dispatch === undefined) return undefined;
  const delivered = tokensOf(model, Math.floor(text.length / pieceCharacters));
  const sent = tokensOf(model, dispatch.ending?.chunks ?? 0);
  return (outputTokens ?? 0) < delivered || (outputTokens ?? 0) > sent
    ? `${model}: ${outputTokens} output tokens recorded; ${delivered} delivered, ${sent} sent by the upstream`
    : undefined;
};

/** What was reported is recorded; of what was cut short, at least what was delivered and at most what was sent. */
const usageFaults = ({ receipts, attemptsOf, dispatchesOf }: Indexed): string[] =>
  receipts.flatMap((receipt) =>
    attemptsOf(receipt.model).flatMap(
      (attempt) => usageFault(receipt, attempt, dispatchesOf(receipt.model)[attempt.number - 1]) ?? [],
    ),
  );

/** Compares the books after the gateway was stopped in order. Each check's faults name the model, one per call. */
export const compareBooks = (books: Books): readonly Check[] => {
  const indexed = index(books);
  const { ledger } = books;
  return [
    {
      name: "every dispatch has its attempt row, and none arrived twice",
      faults: dispatchFaults(indexed),
      figure: `${books.dispatches.length} dispatches`,
    },
    { name: "every dispatch belongs to a call that a client made", faults: unknownDispatchFaults(books) },
    {
      name: "no call has two rows, and none that was dispatched has no row",
      faults: callCountFaults(indexed),
      figure: `${ledger.calls.length} rows`,
    },
    {
      name: "every whole answer has its row, ok, with its attempts",
      faults: answerFaults(indexed),
      figure: `${books.receipts.filter(({ ending }) => ending === "whole").length} answers`,
    },
    { name: "every error that a client was told has its row", faults: errorFaults(indexed) },
    {
      name: "attempts are numbered without gaps, under their call",
      faults: numberingFaults(indexed),
      figure: `${ledger.attempts.length} rows`,
    },
    { name: "nothing is recorded as ok that the upstream did not finish", faults: unfoundedFaults(indexed) },
    {
      name: "delivered ≤ recorded ≤ sent, and no hang-up is unbilled",
      faults: [...usageFaults(indexed), ...unbilledFaults(indexed)],
    },
    {
      name: "the journal is taken in whole, and no dispatch is left open",
      faults: [
        ...(ledger.openDispatches === 0 ? [] : [`${ledger.openDispatches} open dispatches`]),
        ...ledger.segments.map((segment) => `segment ${segment} is still there`),
      ],
    },
  ];
};
