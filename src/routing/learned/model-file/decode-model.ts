import { crc32, inflateRawSync } from "node:zlib";
import { GatewayError } from "../../../core/errors.ts";
import { signalCount } from "../familiarity.ts";
import { featureVersion, hashedDimensions } from "../features/prompt-features.ts";
import { denseDimensions } from "../features/surface.ts";
import { indexNeighbours } from "../neighbours.ts";
import { type RouterModel, termCount } from "../router-model.ts";
import { spaceDimensions } from "../space.ts";
import { largestModelFile, modelFileMagic, modelFileVersion, preambleSize } from "./format.ts";
import { decodeShares, decodeUsd, startsOf, surfaceDimensions, withSurface } from "./quantise.ts";
import { decodeSections, type SectionArray, type Sections } from "./sections.ts";
import { decodeMatrix, type MatrixShape } from "./sparse-matrix.ts";
import { decodeStored } from "./stored-prompts.ts";

const refuse = (name: string, why: string): GatewayError => new GatewayError("invalid_value", `${name}: ${why}`);

const payloadOf = (bytes: Uint8Array, name: string): Uint8Array => {
  if (bytes.length > largestModelFile) throw refuse(name, "too large for a model file of the router.");
  const magic = new TextDecoder().decode(bytes.subarray(0, modelFileMagic.length));
  if (magic !== modelFileMagic)
    throw refuse(name, "not a model file of the router. `intellirouter router train` writes one.");
  if (bytes.length < preambleSize) throw refuse(name, "the model file is cut short. Train it again.");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const version = view.getUint32(8, true);
  if (version > modelFileVersion)
    throw refuse(
      name,
      `written by a newer program (file version ${version}; this one reads up to ${modelFileVersion}). Update the program, or train again.`,
    );
  if (version !== modelFileVersion) throw refuse(name, `of version ${version}, which is not read. Train it again.`);
  const payload = bytes.subarray(preambleSize);
  if (view.getUint32(12, true) !== crc32(payload))
    throw refuse(name, "the model file is damaged: its checksum is wrong. Copy it again, or train it again.");
  try {
    return inflateRawSync(payload, { maxOutputLength: largestModelFile });
  } catch (cause) {
    throw new GatewayError("invalid_value", `${name}: the model file cannot be unpacked. Train it again.`, { cause });
  }
};

type ArrayClass<Value> = { new (length: number): Value; readonly name: string };

/** Reads sections of a known kind and length, so that no later look-up leaves them. */
const reader = ({ arrays }: Sections, file: string) => {
  return <Value extends SectionArray>(name: string, kind: ArrayClass<Value>, length?: number): Value => {
    const found = arrays.get(name);
    if (!(found instanceof kind)) throw refuse(file, `the model file lacks '${name}'. Train it again.`);
    if (length !== undefined && found.length !== length)
      throw refuse(file, `'${name}' has ${found.length} numbers instead of ${length}. Train it again.`);
    return found;
  };
};

const within = (values: Uint8Array | Uint16Array, limit: number): boolean => {
  for (let at = 0; at < values.length; at++) if ((values[at] as number) >= limit) return false;
  return true;
};

const namesOf = (values: Sections["values"], file: string): readonly string[] => {
  const { models, featureVersion: version } = values;
  if (version !== featureVersion)
    throw refuse(
      file,
      `trained on features of version ${String(version)}; this program's is ${featureVersion}. Train it again.`,
    );
  if (!Array.isArray(models) || models.length === 0 || !models.every((model) => typeof model === "string"))
    throw refuse(file, "the model file names no models. Train it again.");
  return models as readonly string[];
};

/**
 * The trained model of a file's bytes. Throws GatewayError `invalid_value` that names the file and says what is wrong:
 * foreign, cut short, damaged, newer than this program.
 */
export const decodeModel = (bytes: Uint8Array, file: string): RouterModel => {
  const sections = decodeSections(payloadOf(bytes, file));
  const models = namesOf(sections.values, file);
  const read = reader(sections, file);
  const active = read("active", Uint16Array);
  if (!within(active, hashedDimensions)) throw refuse(file, "'active' leaves the feature space. Train it again.");
  const rarities = read("rarity", Float32Array, active.length);
  const rarity = new Float32Array(hashedDimensions);
  for (let place = 0; place < active.length; place++) rarity[active[place] as number] = rarities[place] as number;
  const matrix = (name: string, { width, rows }: MatrixShape, into: Float32Array): void => {
    const sections = {
      gaps: read(`${name}.gaps`, Uint8Array),
      codes: read(`${name}.codes`, Int8Array),
      units: read(`${name}.units`, Float32Array, width),
    };
    if (!decodeMatrix(sections, { width, rows }, into)) throw refuse(file, `'${name}' is broken. Train it again.`);
  };
  const count = read("centroids.units", Float32Array).length;
  const centroids = new Float32Array(spaceDimensions * count);
  matrix("centroids", { width: count, rows: withSurface(active) }, centroids);
  const width = models.length + 1;
  const weights = new Float32Array(spaceDimensions * width);
  matrix("words", { width, rows: active }, weights);
  matrix("surface", { width, rows: surfaceDimensions }, weights);
  const group = count * models.length;
  const lengths = read("storedLengths", Uint16Array);
  const storedCount = lengths.reduce((sum, length) => sum + length, 0);
  const stored = decodeStored(
    {
      lengths,
      low: read("storedLow", Uint8Array, storedCount),
      high: read("storedHigh", Uint8Array, storedCount),
      codes: read("storedValues", Int8Array, storedCount),
      unit: read("storedUnit", Float64Array, 1)[0] as number,
    },
    spaceDimensions,
  );
  const outcomeStarts = startsOf(read("outcomeLengths", Uint16Array, lengths.length));
  const outcomeCount = outcomeStarts.at(-1) ?? 0;
  const cluster = read("outcomeCluster", Uint16Array, lengths.length);
  const outcomeModel = read("outcomeModel", Uint16Array, outcomeCount);
  if (stored === undefined || !within(cluster, count) || !within(outcomeModel, models.length))
    throw refuse(file, "a number in the model file is out of range. Train it again.");
  const familiar = read("familiar", Float64Array, 3);
  return {
    models,
    space: {
      rarity,
      mean: read("mean", Float32Array, denseDimensions),
      deviation: read("deviation", Float32Array, denseDimensions),
    },
    clusters: { count, centroids },
    priors: read("priors", Float32Array, models.length),
    counts: read("counts", Float32Array, models.length),
    clusterTerms: read("clusterTerms", Float32Array, group),
    clusterCounts: read("clusterCounts", Float32Array, group),
    heads: { models: models.length, weights },
    neighbours: indexNeighbours(stored, cluster, count),
    weights: read("termWeights", Float32Array, termCount),
    calibration: read("calibration", Float32Array, models.length * 2),
    costs: {
      perInputToken: read("perInputToken", Float64Array, models.length),
      tokenRatio: read("tokenRatio", Float64Array, models.length),
      rest: read("rest", Float64Array, group),
    },
    familiarity: {
      means: read("signalMeans", Float32Array, count * signalCount),
      deviations: read("signalDeviations", Float32Array, count * signalCount),
      low: familiar[0] as number,
      high: familiar[1] as number,
      usual: familiar[2] as number,
    },
    outcomes: {
      starts: outcomeStarts,
      model: outcomeModel,
      quality: decodeShares(read("outcomeQuality", Uint8Array, outcomeCount)),
      predicted: decodeShares(read("outcomePredicted", Uint8Array, outcomeCount)),
      cost: decodeUsd(read("outcomeCost", Uint16Array, outcomeCount)),
      predictedCost: decodeUsd(read("outcomePredictedCost", Uint16Array, outcomeCount)),
      answer: read("outcomeAnswer", Uint8Array, outcomeCount),
      trust: decodeShares(read("outcomeTrust", Uint8Array, lengths.length)),
      cluster,
    },
  };
};
