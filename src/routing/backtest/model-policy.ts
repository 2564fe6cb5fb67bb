import { GatewayError } from "../../core/errors.ts";
import { isCascadeAction } from "../../core/plan.ts";
import type { JudgedCall } from "../../core/ports/learning.ts";
import { unpackFeatures } from "../learned/features/pack.ts";
import { openPredictor, type Predictor } from "../learned/predict.ts";
import { openRouter } from "../learned/router.ts";
import type { RouterModel } from "../learned/router-model.ts";
import type { ChoosingPolicy } from "./logged-call.ts";

/** How a model's expectations become choices: a share of the best target's quality to keep, or λ in quality per USD. */
export type ModelAim = { readonly keep: number } | { readonly lambda: number };

/** How many standard errors an expected quality is lowered by, as where the model serves. */
const caution = 0.5;

interface Known {
  readonly action: string;
  /** Its place among the models of the file. */
  readonly place: number;
  readonly costUsd: number;
}

/** Names in the file are those of models, or of targets. */
const knownOf = ({ detail }: JudgedCall, model: RouterModel): readonly Known[] =>
  detail.expected.flatMap(({ action, costUsd }) => {
    if (isCascadeAction(action) || !Number.isFinite(costUsd)) return [];
    const whole = model.models.indexOf(action);
    const place = whole === -1 ? model.models.indexOf(action.slice(action.indexOf("/") + 1)) : whole;
    return place === -1 ? [] : [{ action, place, costUsd }];
  });

type Setting = ReturnType<typeof openRouter>["setting"];

/** What keeps the promise among these models, found on the rows that the model was trained on. */
const settingFor = (model: RouterModel, known: readonly Known[], keep: number): Setting => {
  const candidates = known.map(({ place }) => model.models[place] as string);
  return openRouter({ model, candidates, kinds: "singles", aim: { keep } }).setting;
};

const priced = (known: readonly Known[], { price, expect }: { price: number; expect: ReturnType<Predictor> }) => {
  let best: { readonly action: string; readonly worth: number } | undefined;
  for (const { action, place, costUsd } of known) {
    const quality = (expect.quality[place] as number) - caution * (expect.deviation[place] as number);
    const worth = quality - price * expect.trust * costUsd;
    if (best === undefined || worth > best.worth) best = { action, worth };
  }
  return best?.action;
};

/**
 * A trained model, choosing by the features that were kept of each call; what answers cost is what was expected then.
 * Calls without features, or of whose targets the model knows none, it has no choice for. Throws GatewayError
 * `invalid_value` for a promise that is none.
 */
export const modelPolicy = (model: RouterModel, file: string, aim: ModelAim): ChoosingPolicy => {
  if ("keep" in aim && !(aim.keep > 0 && aim.keep <= 1))
    throw new GatewayError(
      "invalid_value",
      `A share of quality to keep lies above 0 and at most at 1, not ${aim.keep}.`,
    );
  const predict = openPredictor(model);
  const settings = new Map<string, Setting>();
  const settingOf = (known: readonly Known[]): Setting => {
    if ("lambda" in aim) return { kind: "price", price: aim.lambda };
    const name = known.map(({ place }) => place).join();
    const setting = settings.get(name) ?? settingFor(model, known, aim.keep);
    settings.set(name, setting);
    return setting;
  };
  const featuresOf = (text: string) => {
    try {
      return unpackFeatures(text);
    } catch {
      // Of another version's, this program knows nothing.
      return undefined;
    }
  };
  return {
    name: `${file}, ${"keep" in aim ? `keeping ${aim.keep}` : `λ = ${aim.lambda}`}`,
    choose(call) {
      const known = knownOf(call, model).toSorted((a, b) => a.place - b.place);
      const features = call.detail.features === undefined ? undefined : featuresOf(call.detail.features);
      if (features === undefined || known.length === 0) return undefined;
      const setting = settingOf(known);
      const expect = predict(features, { estimated: 0 });
      return setting.kind === "constant"
        ? known[setting.candidate]?.action
        : priced(known, { price: setting.price, expect });
    },
  };
};
