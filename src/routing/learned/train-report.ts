import { brierScore, calibrationError } from "./metrics/scores.ts";
import { type ActionKinds, compilePolicy, replayFor } from "./policy.ts";
import { settingThatKeeps } from "./promise.ts";
import type { RouterModel } from "./router-model.ts";

export interface ModelReport {
  readonly model: string;
  readonly rows: number;
  /** Mean, 0–1. */
  readonly quality: number;
  readonly costUsd: number;
  /** Of what was predicted of each row without learning from it, and of the mean quality alone. */
  readonly brier: number;
  readonly constantBrier: number;
  readonly calibrationError: number;
}

export interface PromiseReport {
  readonly kinds: ActionKinds;
  readonly keep: number;
  /** Shares of the best model's quality and cost, on training rows that were not learned from. */
  readonly kept: number;
  readonly saved: number;
  readonly setting: string;
}

export interface TrainReport {
  readonly best: string;
  readonly models: readonly ModelReport[];
  readonly promises: readonly PromiseReport[];
}

const modelReport = ({ models, outcomes }: RouterModel, index: number): ModelReport => {
  const places = [...outcomes.model.keys()].filter((at) => outcomes.model[at] === index);
  const pick = (values: Float32Array): readonly number[] => places.map((at) => values[at] as number);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const actual = pick(outcomes.quality);
  const predicted = pick(outcomes.predicted);
  const quality = mean(actual);
  return {
    model: models[index] as string,
    rows: places.length,
    quality,
    costUsd: mean(pick(outcomes.cost)),
    brier: brierScore(predicted, actual),
    constantBrier: brierScore(
      actual.map(() => quality),
      actual,
    ),
    calibrationError: calibrationError(predicted, actual),
  };
};

/** What training came to: how well each model's quality is predicted, and what is promised of all of them together. */
export const reportOf = (model: RouterModel): TrainReport => {
  const candidates = model.models.map((_, index) => index);
  const policies = (["singles", "cascades"] as const).map((kinds) => ({
    kinds,
    policy: compilePolicy(model, candidates, kinds),
  }));
  const promises = policies.flatMap(({ kinds, policy }): readonly PromiseReport[] => {
    if (policy.table.rows === 0 || (kinds === "cascades" && policy.cascades.length === 0)) return [];
    const replay = replayFor(model, policy, candidates);
    const best = policy.means[policy.best];
    return [0.95, 0.98, 0.99].map((keep) => {
      const { quality, cost, setting } = settingThatKeeps(policy, replay, { keep, kinds });
      return {
        kinds,
        keep,
        kept: quality / (best?.quality ?? quality),
        saved: 1 - cost / (best?.cost ?? cost),
        setting:
          setting.kind === "constant"
            ? (model.models[setting.candidate] as string)
            : `price ${setting.price.toPrecision(3)} per USD`,
      };
    });
  });
  return {
    best: model.models[policies[0]?.policy.best ?? 0] as string,
    models: candidates.map((index) => modelReport(model, index)),
    promises,
  };
};
