import type { Target } from "../../src/core/model.ts";
import { featuresOf } from "../../src/routing/learned/features/features-of.ts";
import type { LabelledModel } from "../../src/routing/learned/model-mapping/fit-mapping.ts";
import { kinshipOf } from "../../src/routing/learned/model-mapping/mapping.ts";
import { readModelName } from "../../src/routing/learned/model-mapping/read-model-name.ts";
import { factsPrior } from "../../src/routing/learned/prior.ts";

/** What is told of a hidden model beside its name. */
export type Told = "facts" | "name";

const dateOf = (year: number): string =>
  new Date(Date.UTC(Math.floor(year), 0, 1) + (year % 1) * 365.25 * 24 * 3_600_000).toISOString().slice(0, 10);

/** A hidden model as a configuration would have it. */
export const asTarget = ({ name, outputUsdPerMillion, year }: LabelledModel, told: Told): Target => ({
  ...{ id: `held/${name}`, provider: "held", kind: "openai", model: name },
  facts: told === "name" ? {} : { price: { input: 0, output: outputUsdPerMillion }, releaseDate: dateOf(year) },
});

const nothing = featuresOf("");
/** What the prior by price alone expects, in logits. */
export const byPrice = (target: Target): number => factsPrior.look(nothing, "").of(target).logit;

/** Whether two entries are one model, of two sets or under two names. */
export const isSameModel = (one: LabelledModel, other: LabelledModel): boolean =>
  one.name === other.name || kinshipOf(readModelName(one.name), readModelName(other.name)) === "same";
