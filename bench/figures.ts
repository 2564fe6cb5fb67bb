import { median } from "../test/support/checks.ts";
import type { Sample } from "./compare.ts";
import type { LoadResult } from "./plan.ts";

/** The middle of the rounds, and how far they lie apart. */
export interface Figure {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export const figureOf = (values: readonly number[]): Figure => ({
  median: median(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

/** What is read of a result. */
export type Reading = (result: LoadResult) => number;

const share = (part: number | undefined, whole: number): number => (part ?? Number.NaN) / whole;

/** Microseconds of processor time per call, or per event with text, of a process of the run. */
export const microsecondsPerCall =
  (process: string): Reading =>
  ({ processorSeconds, calls }) =>
    share(processorSeconds[process], calls) * 1e6;
export const microsecondsPerEvent =
  (process: string): Reading =>
  ({ processorSeconds, events }) =>
    share(processorSeconds[process], events) * 1e6;
/** Share of one core. */
export const utilisation =
  (process: string): Reading =>
  ({ processorSeconds, seconds }) =>
    share(processorSeconds[process], seconds);
export const callsPerSecond: Reading = ({ calls, seconds }) => calls / seconds;

/** A subject's figure over all rounds. */
export const figure = (samples: readonly Sample[], subject: string, reading: Reading): Figure =>
  figureOf(samples.filter((sample) => sample.subject === subject).map(({ result }) => reading(result)));

export interface Pair {
  readonly subject: string;
  readonly reference: string;
}

/** Combines the figures of two subjects in each round, and only then takes the middle. NaN where one is missing. */
export const paired = (
  samples: readonly Sample[],
  { subject, reference }: Pair,
  combine: (subject: LoadResult, reference: LoadResult) => number,
): Figure => {
  const references = samples.filter((sample) => sample.subject === reference);
  const values = samples
    .filter((sample) => sample.subject === subject)
    .flatMap(({ round, result }) => {
      const other = references.find((sample) => sample.round === round);
      return other === undefined ? [] : [combine(result, other.result)];
    });
  return figureOf(values);
};

/** A subject's figure in parts of a reference's. NaN where the subject has none. */
export const ratio = (samples: readonly Sample[], pair: Pair, reading: Reading): Figure =>
  paired(samples, pair, (subject, reference) => reading(subject) / reading(reference) || Number.NaN);

/** By how much a subject's figure is above a reference's. */
export const difference = (samples: readonly Sample[], pair: Pair, reading: Reading): Figure =>
  paired(samples, pair, (subject, reference) => reading(subject) - reading(reference));

/** The gateway against each reference. */
export const againstNginx: Pair = { subject: "gateway", reference: "nginx" };
export const againstRelay: Pair = { subject: "gateway", reference: "relay" };
export const againstDirect: Pair = { subject: "gateway", reference: "direct" };

/** Where other programs use more than this part of the machine, times and throughput say little. */
export const disturbingShare = 0.1;
