import type { StrategyParts } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { trainedCascades } from "./cascades/trained-cascades.ts";
import type { TrainedCascades } from "./cascades/weigh-cascades.ts";
import { indexInModel } from "./index-in-model.ts";
import { decodeModel } from "./model-file/decode-model.ts";
import { openShippedPrior } from "./model-mapping/shipped-prior.ts";
import { logit } from "./online/logits.ts";
import type { Spread } from "./online/quality-posterior.ts";
import type { ActionKinds } from "./policy.ts";
import { openPredictor } from "./predict.ts";
import { factsPrior, type Prior, type PriorQuality } from "./prior.ts";
import { openRouter } from "./router.ts";
import { type RouterModel, termNames } from "./router-model.ts";
import { estimatedTokens } from "./training-row.ts";

/** How far use may lie from what was trained on other prompts: less than from a guess by price. */
const spread: Spread = { all: 0.2, target: 0.3, cluster: 0.5 };

/** What a trained model expects; targets that it does not know are judged by their facts. */
export const modelPrior = (model: RouterModel, name: string): Prior => {
  const predict = openPredictor(model);
  return {
    version: name,
    spread,
    look(features, text) {
      const { quality, terms } = predict(features, { estimated: estimatedTokens(text) });
      const known = Float64Array.from(quality);
      const parts = Float64Array.from(terms);
      const others = factsPrior.look(features, text);
      return {
        of(target): PriorQuality {
          const index = indexInModel(model, target);
          if (index === -1) return others.of(target);
          const whole = logit(known[index] as number);
          const named: Record<string, number> = { model: whole };
          termNames.forEach((term, at) => {
            const part = parts[index * termNames.length + at] as number;
            named[term] = part;
            named["model"] = (named["model"] as number) - part;
          });
          return { logit: whole, terms: named };
        },
      };
    },
  };
};

export interface OpenedPrior {
  readonly prior: Prior;
  /** λ by which a promise was kept on the training rows; absent where that is not known. */
  readonly lambdaThatKeeps?: (keep: number, candidates: readonly Candidate[], kinds: ActionKinds) => number | undefined;
  /** What was trained of cascades of these targets; absent where there is no model file. */
  readonly cascadesOf?: (candidates: readonly Candidate[]) => TrainedCascades;
  /** Why the file is not used, for people. */
  readonly problem?: string;
}

type Readers = Pick<StrategyParts, "readFile" | "readShippedPrior">;

/**
 * Opens what a route starts from: `shipped`, `prices`, or a model file. One that is not there, or is none, is told of, and
 * prices are the prior. Never throws.
 */
export const openPrior = (model: string, { readFile, readShippedPrior }: Readers): OpenedPrior => {
  if (model === "prices") return { prior: factsPrior };
  if (model === "shipped")
    return readShippedPrior === undefined ? { prior: factsPrior } : openShipped(readShippedPrior);
  return readFile === undefined ? { prior: factsPrior } : openFile(model, readFile);
};

const openShipped = (read: () => Uint8Array): OpenedPrior => {
  try {
    return { prior: openShippedPrior(read) };
  } catch (error) {
    return { prior: factsPrior, problem: `the prior that comes with the program: ${reasonOf(error)}` };
  }
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const openFile = (file: string, readFile: (path: string) => Uint8Array): OpenedPrior => {
  try {
    const model = decodeModel(readFile(file), file);
    return {
      prior: modelPrior(model, file.slice(file.lastIndexOf("/") + 1)),
      cascadesOf: (candidates) => trainedCascades(model, candidates),
      lambdaThatKeeps(keep, candidates, kinds) {
        const names = candidates.map(({ target }) => model.models[indexInModel(model, target)]);
        if (!names.every((name) => name !== undefined)) return undefined;
        const { setting } = openRouter({ model, candidates: names, kinds, aim: { keep } });
        return setting.kind === "price" ? setting.price : undefined;
      },
    };
  } catch (error) {
    return { prior: factsPrior, problem: reasonOf(error) };
  }
};
