import { featureVersion, hashedDimensions } from "../features/prompt-features.ts";
import type { RouterModel } from "../router-model.ts";
import { spaceDimensions } from "../space.ts";
import { crc32 } from "./checksum.ts";
import { modelFileMagic, modelFileVersion, preambleSize } from "./format.ts";
import { encodeShares, encodeUsd, lengthsOf, quantise } from "./quantise.ts";
import { encodeSections, type SectionArray } from "./sections.ts";

/** The dimensions that training prompts have. Of all others nothing was learned. */
const activeDimensions = ({ space }: RouterModel): Uint16Array =>
  Uint16Array.from({ length: spaceDimensions }, (_, at) => at).filter(
    (at) => at >= hashedDimensions || (space.rarity[at] as number) > 0,
  );

const contents = (model: RouterModel): readonly (readonly [string, SectionArray])[] => {
  const { heads, clusters, neighbours, outcomes, costs, familiarity, space } = model;
  const active = activeDimensions(model);
  const weights = quantise(heads.weights, heads.models + 1, active);
  const centroids = quantise(clusters.centroids, clusters.count, active);
  const unit = neighbours.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9) / 127;
  return [
    ["active", active],
    ["rarity", space.rarity.filter((rarity) => rarity > 0)],
    ["mean", space.mean],
    ["deviation", space.deviation],
    ["centroids", centroids.codes],
    ["centroidUnits", centroids.units],
    ["weights", weights.codes],
    ["weightUnits", weights.units],
    ["priors", model.priors],
    ["counts", model.counts],
    ["clusterTerms", model.clusterTerms],
    ["clusterCounts", model.clusterCounts],
    ["termWeights", model.weights],
    ["calibration", model.calibration],
    ["perInputToken", costs.perInputToken],
    ["tokenRatio", costs.tokenRatio],
    ["rest", costs.rest],
    ["signalMeans", familiarity.means],
    ["signalDeviations", familiarity.deviations],
    ["storedLengths", lengthsOf(neighbours.starts)],
    ["storedIndices", neighbours.indices],
    ["storedValues", Int8Array.from(neighbours.values, (value) => Math.round(value / unit))],
    ["storedUnit", Float64Array.of(unit)],
    ["familiar", Float64Array.of(familiarity.low, familiarity.high, familiarity.usual)],
    ["outcomeLengths", lengthsOf(outcomes.starts)],
    ["outcomeModel", outcomes.model],
    ["outcomeQuality", encodeShares(outcomes.quality, 255)],
    ["outcomePredicted", encodeShares(outcomes.predicted, 65_535)],
    ["outcomeCost", encodeUsd(outcomes.cost)],
    ["outcomePredictedCost", encodeUsd(outcomes.predictedCost)],
    ["outcomeAnswer", outcomes.answer],
    ["outcomeTrust", encodeShares(outcomes.trust, 255)],
    ["outcomeCluster", outcomes.cluster],
  ];
};

/** A trained model as the bytes of a file: magic, version, checksum, then its sections. Prompts are not in it. */
export const encodeModel = (model: RouterModel): Uint8Array<ArrayBuffer> => {
  const payload = encodeSections({
    values: { models: model.models, featureVersion },
    arrays: new Map(contents(model)),
  });
  const bytes = new Uint8Array(preambleSize + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(modelFileMagic), 0);
  view.setUint32(8, modelFileVersion, true);
  view.setUint32(12, crc32(payload), true);
  bytes.set(payload, preambleSize);
  return bytes;
};
