import { crc32, deflateRawSync } from "node:zlib";
import { featureVersion } from "../features/prompt-features.ts";
import type { RouterModel } from "../router-model.ts";
import { modelFileMagic, modelFileVersion, preambleSize } from "./format.ts";
import { encodeShares, encodeUsd, lengthsOf, surfaceDimensions, withSurface } from "./quantise.ts";
import { encodeSections, type SectionArray } from "./sections.ts";
import { encodeMatrix } from "./sparse-matrix.ts";
import { encodeStored } from "./stored-prompts.ts";

/** Steps of a number on either side of 0. One prompt adds up hundreds of words, in which the errors of few steps vanish. */
const hashedLevels = 31;
const surfaceLevels = 127;
const centroidLevels = 31;

const contents = (model: RouterModel): readonly (readonly [string, SectionArray])[] => {
  const { heads, clusters, neighbours, outcomes, costs, familiarity, space } = model;
  // Of buckets that too few training prompts hold nothing was learned.
  const active = Uint16Array.from(space.rarity.keys()).filter((at) => (space.rarity[at] as number) > 0);
  const width = heads.models + 1;
  return [
    ["active", active],
    ["rarity", space.rarity.filter((rarity) => rarity > 0)],
    ["mean", space.mean],
    ["deviation", space.deviation],
    ...encodeMatrix("centroids", clusters.centroids, {
      width: clusters.count,
      rows: withSurface(active),
      levels: centroidLevels,
    }),
    ...encodeMatrix("words", heads.weights, { width, rows: active, levels: hashedLevels }),
    ...encodeMatrix("surface", heads.weights, { width, rows: surfaceDimensions, levels: surfaceLevels }),
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
    ...encodeStored(neighbours),
    ["familiar", Float64Array.of(familiarity.low, familiarity.high, familiarity.usual)],
    ["outcomeLengths", lengthsOf(outcomes.starts)],
    ["outcomeModel", outcomes.model],
    ["outcomeQuality", encodeShares(outcomes.quality)],
    ["outcomePredicted", encodeShares(outcomes.predicted)],
    ["outcomeCost", encodeUsd(outcomes.cost)],
    ["outcomePredictedCost", encodeUsd(outcomes.predictedCost)],
    ["outcomeAnswer", outcomes.answer],
    ["outcomeTrust", encodeShares(outcomes.trust)],
    ["outcomeCluster", outcomes.cluster],
  ];
};

/** A trained model as the bytes of a file: magic, version, checksum, then its sections, deflated. Prompts are not in it. */
export const encodeModel = (model: RouterModel): Uint8Array<ArrayBuffer> => {
  const payload = deflateRawSync(
    encodeSections({ values: { models: model.models, featureVersion }, arrays: new Map(contents(model)) }),
    { level: 9 },
  );
  const bytes = new Uint8Array(preambleSize + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(modelFileMagic), 0);
  view.setUint32(8, modelFileVersion, true);
  view.setUint32(12, crc32(payload), true);
  bytes.set(payload, preambleSize);
  return bytes;
};
