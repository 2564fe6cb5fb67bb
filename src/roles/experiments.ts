import type { ExperimentStore, Experiments, TrialFilter } from "../core/ports/experiments.ts";
import { outlineExperiment, reportExperiment } from "../routing/experiments/report.ts";
import type { ExperimentSettings } from "../routing/experiments/settings.ts";
import { reportShadow } from "../routing/shadow/report.ts";
import type { Configuration } from "./configuration.ts";

export interface ExperimentsParts {
  readonly store: ExperimentStore;
  /** Takes what the journal holds into the database. */
  readonly fold: () => Promise<void>;
  readonly configuration: () => Pick<Configuration, "experiments" | "routes">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The part of a stretch of time in which the experiment counts. */
const within = ({ from, until }: ExperimentSettings, filter: TrialFilter): TrialFilter => {
  const starts = [from === undefined ? [] : [Date.parse(from)], filter.since ?? []].flat();
  const ends = [until === undefined ? [] : [Date.parse(until)], filter.until ?? []].flat();
  return {
    ...filter,
    ...(starts.length === 0 ? {} : { since: Math.max(...starts) }),
    ...(ends.length === 0 ? {} : { until: Math.min(...ends) }),
  };
};

/** What the configuration's experiments and shadows came to, as the ledger has it. */
export const openExperiments = ({ store, fold, configuration, now }: ExperimentsParts): Experiments => ({
  list: () =>
    Object.entries(configuration().experiments).map(([name, settings]) => outlineExperiment(name, settings, now())),
  async report(name, filter) {
    const { experiments } = configuration();
    const settings = Object.hasOwn(experiments, name) ? experiments[name] : undefined;
    if (settings === undefined) return undefined;
    await fold();
    const sums = await store.armSums(name, within(settings, filter));
    return reportExperiment(outlineExperiment(name, settings, now()), settings, sums);
  },
  async shadows() {
    await fold();
    const shadowed = Object.entries(configuration().routes).flatMap(([route, { shadow }]) =>
      shadow === undefined ? [] : [{ route, shadow }],
    );
    return Promise.all(
      shadowed.map(async ({ route, shadow }) => reportShadow(route, shadow, await store.shadowSums(route, {}))),
    );
  },
});
