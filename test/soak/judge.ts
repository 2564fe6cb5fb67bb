import { type Check, median, quantile } from "../support/checks.ts";
import type { CallRow } from "../support/ledger-rows.ts";
import type { ProcessFigures } from "../support/process-figures.ts";
import type { Receipt } from "../support/receipt.ts";
import { providerName } from "../support/send-call.ts";
import type { Dispatch } from "../upstream/journal.ts";

/**
 * Growth of resident memory between the first and the last third that counts as flat. The collector's saw-tooth moves
 * the medians of a flat process by up to 5 MB where a third is shorter than a minute, so short runs see only steep leaks.
 */
const toleratedMegabytes = (thirdSeconds: number): number => (thirdSeconds < 60 ? 6 : 3);
/** Descriptors more than before the traffic that may remain: the one connection that asked for the figures. */
export const toleratedDescriptors = 2;
/** How soon a client's going must reach the upstream. */
export const abortMilliseconds = 1_000;

export interface Sample extends ProcessFigures {
  /** Seconds since the traffic began. */
  readonly second: number;
}

const figure = (megabytes: number): string => `${megabytes.toFixed(1)} MB`;

/** Compares the medians of the first and the last third of what came after the warm-up; one sample is one second. */
export const memoryCheck = (samples: readonly Sample[], warmUpSeconds: number): Check => {
  const counted = samples.filter(({ second }) => second >= warmUpSeconds).map(({ megabytes }) => megabytes);
  const third = Math.floor(counted.length / 3);
  const tolerated = toleratedMegabytes(third);
  const name = `memory is flat within ${tolerated} MB after a warm-up of ${warmUpSeconds} s`;
  if (third < 3) return { name, faults: [`only ${counted.length} samples after the warm-up: run longer`] };
  const first = median(counted.slice(0, third));
  const last = median(counted.slice(-third));
  return {
    name,
    figure: `first third ${figure(first)}, last third ${figure(last)}, peak ${figure(Math.max(...samples.map(({ megabytes }) => megabytes)))}`,
    faults: last - first > tolerated ? [`grew by ${figure(last - first)}`] : [],
  };
};

export const descriptorCheck = (before: ProcessFigures, after: ProcessFigures): Check => ({
  name: "descriptors are back where they began within 5 s",
  figure: `${before.descriptors} before, ${after.descriptors} after`,
  faults:
    after.descriptors > before.descriptors + toleratedDescriptors
      ? [`${after.descriptors - before.descriptors} are left over`]
      : [],
});

/** Milliseconds from a client's going to the end of each dispatch that was open then; null where it did not end. */
export const abortLatencies = (
  receipts: readonly Receipt[],
  dispatches: readonly Dispatch[],
): readonly { readonly model: string; readonly milliseconds: number | null }[] => {
  const byModel = Map.groupBy(dispatches, ({ model }) => model);
  return receipts
    .filter(({ ending }) => ending === "left")
    .flatMap(({ model, endedAt }) =>
      (byModel.get(model) ?? [])
        .filter(({ ending }) => ending === null || ending.at > endedAt)
        .map(({ ending }) => ({ model, milliseconds: ending === null ? null : ending.at - endedAt })),
    );
};

export const abortCheck = (receipts: readonly Receipt[], dispatches: readonly Dispatch[]): Check => {
  const latencies = abortLatencies(receipts, dispatches);
  const known = latencies.flatMap(({ milliseconds }) => milliseconds ?? []);
  const at = (share: number): string => quantile(known, share).toFixed(1);
  return {
    name: `a client's going reaches the upstream within ${abortMilliseconds} ms`,
    figure: `${latencies.length} dispatches were open, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`,
    faults: [
      ...(latencies.length === 0 ? ["no client left while a dispatch was open: nothing was proved"] : []),
      ...latencies.flatMap(({ model, milliseconds }) => {
        if (milliseconds === null) return [`${model}: still open upstream`];
        return milliseconds > abortMilliseconds ? [`${model}: after ${milliseconds.toFixed(0)} ms`] : [];
      }),
    ],
  };
};

/** A call that its client left before the upstream had finished is recorded as aborted, and none as interrupted. */
export const outcomeCheck = (
  receipts: readonly Receipt[],
  { dispatches, calls }: { readonly dispatches: readonly Dispatch[]; readonly calls: readonly CallRow[] },
): Check => {
  const outcomes = new Map(calls.map(({ requestedModel, outcome }) => [requestedModel, outcome]));
  const left = new Set(receipts.flatMap(({ model, ending }) => (ending === "left" ? [model] : [])));
  const open = dispatches.filter(({ model, ending }) => left.has(model) && ending?.how === "aborted");
  return {
    name: "what a client left is recorded as aborted, and nothing as interrupted",
    figure: `${open.length} dispatches`,
    faults: [
      ...open.flatMap(({ model }) => {
        const outcome = outcomes.get(`${providerName}/${model}`);
        return outcome === "aborted" ? [] : [`${model}: recorded as ${outcome ?? "nothing"}`];
      }),
      ...calls.flatMap(({ id, outcome }) => (outcome === "interrupted" ? [`${id}: recorded as interrupted`] : [])),
    ],
  };
};
