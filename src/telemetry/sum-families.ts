import type { MetricFamily, Sample } from "./exposition.ts";

/** What one process counts, and the name by which its own figures are told from those of others. */
export interface ProcessMetrics {
  readonly process: string;
  readonly families: readonly MetricFamily[];
}

/**
 * How gauges of several processes become one: `add` (calls that are open), `any` (what all know alike counts once), or
 * `apart` (what is true of a process alone is shown for each, under a label `process`). Counters and histograms add.
 */
type Joining = "add" | "any" | "apart";

const joiningOf = ({ name, type }: MetricFamily): Joining => {
  if (name.includes("_process_")) return "apart";
  return type === "gauge" && name.endsWith("_circuit_open") ? "any" : "add";
};

/** Labels and suffix of one line, as a key. */
const keyOf = ({ suffix, labels }: Sample): string => JSON.stringify([suffix, labels]);

const apart = (sample: Sample, process: string): Sample => ({
  ...sample,
  labels: [...sample.labels, ["process", process]],
});

const joined = (before: Sample | undefined, sample: Sample, joining: Joining): Sample => {
  if (before === undefined) return sample;
  const value = joining === "any" ? Math.max(before.value, sample.value) : before.value + sample.value;
  return { ...before, value };
};

/** The metrics of several processes as those of one program, in the order in which they first come. */
export const sumFamilies = (all: readonly ProcessMetrics[]): readonly MetricFamily[] => {
  const sums = new Map<string, { readonly family: MetricFamily; readonly samples: Map<string, Sample> }>();
  for (const { process, families } of all)
    for (const family of families) {
      const joining = joiningOf(family);
      const sum = sums.get(family.name) ?? { family, samples: new Map<string, Sample>() };
      sums.set(family.name, sum);
      for (const one of family.samples) {
        const sample = joining === "apart" ? apart(one, process) : one;
        sum.samples.set(keyOf(sample), joined(sum.samples.get(keyOf(sample)), sample, joining));
      }
    }
  return [...sums.values()].map(({ family, samples }) => ({ ...family, samples: [...samples.values()] }));
};

/** What of a process's metrics must outlive it: a sum that falls would be taken for a new beginning. */
export const lastingFamilies = (families: readonly MetricFamily[]): readonly MetricFamily[] =>
  families.filter((family) => family.type !== "gauge" && joiningOf(family) !== "apart");
