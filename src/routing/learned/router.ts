import { GatewayError } from "../../core/errors.ts";
import type { Action } from "./cascade.ts";
import type { InputSize } from "./costs.ts";
import type { PromptFeatures } from "./features/prompt-features.ts";
import {
  type ActionKinds,
  type ActionWorth,
  chooseAction,
  compilePolicy,
  type Policy,
  replayFor,
  type Setting,
  weighActions,
} from "./policy.ts";
import { type Expectation, type OnlineCorrection, openPredictor } from "./predict.ts";
import { type Calibrated, settingThatKeeps } from "./promise.ts";
import type { RouterModel } from "./router-model.ts";

export interface RouterOptions {
  readonly model: RouterModel;
  /** Names of the candidates; all of the model file where absent. */
  readonly candidates?: readonly string[];
  readonly kinds: ActionKinds;
  /** A share of the best candidate's quality to keep, or a price of quality (quality per USD). */
  readonly aim: { readonly keep: number } | { readonly price: number };
  readonly correction?: OnlineCorrection;
  /** Prompts that are answered together, as those of a file. */
  readonly batch?: readonly PromptFeatures[];
}

export interface Choice {
  readonly action: Action;
  /** Of the action among the policy's. */
  readonly index: number;
  readonly expectation: Expectation;
  /** What each action was worth; written over by the next choice. */
  readonly worth: ActionWorth;
}

export interface Router {
  readonly candidates: readonly string[];
  readonly policy: Policy;
  readonly setting: Setting;
  /** What the setting came to on the training rows; absent where a price was given. */
  readonly calibrated?: Calibrated;
  /** Chooses for one prompt. `kinds`: whether this query's answers can be compared. */
  choose(features: PromptFeatures, input: InputSize, kinds: ActionKinds): Choice;
}

const indicesOf = (model: RouterModel, names: readonly string[]): readonly number[] =>
  names.map((name) => {
    const index = model.models.indexOf(name);
    if (index === -1)
      throw new GatewayError(
        "invalid_value",
        `The model file knows nothing of '${name}'. It knows: ${model.models.join(", ")}.`,
      );
    return index;
  });

/** The settings of both kinds: queries whose answers cannot be compared are calibrated on their own. */
const calibrate = (options: RouterOptions, policy: Policy, candidates: readonly number[]) => {
  const { model, aim, kinds } = options;
  if ("price" in aim) {
    const setting: Setting = { kind: "price", price: aim.price };
    return { cascades: { setting }, singles: { setting } };
  }
  const replay = replayFor(model, policy, candidates);
  const singles = settingThatKeeps(policy, replay, { keep: aim.keep, kinds: "singles" });
  const cascades =
    kinds === "cascades" ? settingThatKeeps(policy, replay, { keep: aim.keep, kinds: "cascades" }) : singles;
  return {
    cascades: { setting: cascades.setting, calibrated: cascades },
    singles: { setting: singles.setting, calibrated: singles },
  };
};

/** A router over some of a model file's models. Throws GatewayError `invalid_value` for a name that it does not know. */
export const openRouter = (options: RouterOptions): Router => {
  const { model, kinds } = options;
  const names = options.candidates ?? model.models;
  const indices = indicesOf(model, names);
  const policy = compilePolicy(model, indices, kinds);
  const settled = calibrate(options, policy, indices);
  const predict = openPredictor(model, options);
  const worth: ActionWorth = {
    quality: new Float64Array(policy.actions.length),
    cost: new Float64Array(policy.actions.length),
  };
  const pick = (values: Float64Array): Float64Array => Float64Array.from(indices, (index) => values[index] as number);
  return {
    candidates: names,
    policy,
    ...settled[kinds],
    choose: (features, input, asked) => {
      const all = predict(features, input);
      const expectation = { ...all, quality: pick(all.quality), deviation: pick(all.deviation), cost: pick(all.cost) };
      const now: ActionKinds = kinds === "cascades" && asked === "cascades" ? "cascades" : "singles";
      const { setting } = settled[now];
      weighActions(policy, expectation, worth);
      const { trust, stream } = expectation;
      const chosen = chooseAction(policy, worth, setting, { trust, stream, kinds: now });
      return { action: policy.actions[chosen] as Action, index: chosen, expectation, worth };
    },
  };
};
