import type { Target } from "../../../core/model.ts";
import { logit } from "../numbers.ts";
import { type Expectation, openPredictor } from "../predict.ts";
import { factsPrior, type Prior, type PriorQuality } from "../prior.ts";
import { type RouterModel, termCount, termNames } from "../router-model.ts";
import { estimatedTokens } from "../training-row.ts";
import { type MappedModel, openMapping } from "./map-model.ts";
import type { Mapping } from "./mapping.ts";

/** A target as the prior sees it. */
interface Placed extends MappedModel {
  /** Place of `like` in the model file; -1 where it has none. */
  readonly index: number;
}

/** What one prompt makes of the models of the file: all that single targets are then reckoned from. */
class PromptView {
  readonly #known: Float64Array;
  readonly #abilities: ReadonlyMap<string, number>;
  readonly #terms: Float64Array;
  /** Logit of a model in the middle of all on this prompt, and the terms that it has on average. */
  readonly #middle: number;
  readonly #middleTerms: Float64Array;

  constructor({ model, mapping, abilities }: Opened, { quality, terms }: Pick<Expectation, "quality" | "terms">) {
    this.#abilities = abilities;
    this.#known = Float64Array.from(quality, logit);
    this.#terms = Float64Array.from(terms);
    this.#middleTerms = new Float64Array(termCount);
    let sum = 0;
    let count = 0;
    model.models.forEach((name, at) => {
      const ability = abilities.get(name);
      if (ability === undefined) return;
      sum += (this.#known[at] as number) - ability;
      count++;
      for (let term = 0; term < termCount; term++)
        this.#middleTerms[term] = this.#middleOf(term) + this.#termOf(at, term);
    });
    this.#middle = count === 0 ? mapping.level : sum / count;
    if (count > 0) for (let term = 0; term < termCount; term++) this.#middleTerms[term] = this.#middleOf(term) / count;
  }

  /** As much of its like as counts, the rest as of a model in the middle, and what sets it apart from either. */
  of({ index, like, share: counts, ability }: Placed): PriorQuality {
    const share = index === -1 ? 0 : counts;
    const ofLike = share === 0 ? 0 : (this.#known[index] as number) - (this.#abilities.get(like ?? "") ?? 0);
    const whole = ability + share * ofLike + (1 - share) * this.#middle;
    const terms: Record<string, number> = { model: whole };
    termNames.forEach((name, term) => {
      const part =
        share === 0 ? this.#middleOf(term) : share * this.#termOf(index, term) + (1 - share) * this.#middleOf(term);
      terms[name] = part;
      terms["model"] = (terms["model"] as number) - part;
    });
    return { logit: whole, terms };
  }

  #termOf(model: number, term: number): number {
    return this.#terms[model * termCount + term] as number;
  }
  #middleOf(term: number): number {
    return this.#middleTerms[term] as number;
  }
}

export interface MappedPriorParts {
  readonly model: RouterModel;
  readonly version: string;
  readonly mapping: Mapping;
}

interface Opened extends Pick<MappedPriorParts, "model" | "mapping"> {
  readonly abilities: ReadonlyMap<string, number>;
}

/**
 * What a model trained on public sets expects: of the models that it was trained on what it learned, of all others what the
 * mapping says, on the prompt at hand.
 */
export const mappedPrior = ({ model, version, mapping }: MappedPriorParts): Prior => {
  const predict = openPredictor(model);
  const mapModel = openMapping(mapping);
  const opened = { model, mapping, abilities: new Map(mapping.models.map(({ name, ability }) => [name, ability])) };
  const placed = new WeakMap<Target, Placed>();
  const place = (target: Target): Placed => {
    const known = placed.get(target);
    if (known !== undefined) return known;
    const mapped = mapModel(target);
    const made = { ...mapped, index: mapped.like === undefined ? -1 : model.models.indexOf(mapped.like) };
    placed.set(target, made);
    return made;
  };
  return {
    version,
    // As with prices: nobody's work is that of the sets, and on one kind of prompt a target may be far from itself.
    spread: factsPrior.spread,
    doubt: (target) => place(target).variance,
    look(features, text) {
      const view = new PromptView(opened, predict(features, { estimated: estimatedTokens(text) }));
      return { of: (target) => view.of(place(target)) };
    },
  };
};
