import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";

/** What a row is answered with. */
export interface PredictedAction {
  /** `single`, or the kind of cascade. */
  readonly kind: string;
  /** Every model that is called, in order; all of them are charged. */
  readonly models: readonly string[];
  /** The model whose answer is returned. */
  readonly answer: string;
}

/** A line of `router predict`: what the model expects of each candidate on one row, and what it chose. */
export interface RowPrediction {
  readonly id: string;
  /** Expected quality of each model, 0–1. */
  readonly quality: Readonly<Record<string, number>>;
  /** Expected cost of each model, in USD. */
  readonly cost: Readonly<Record<string, number>>;
  readonly action: PredictedAction;
  /** How long the decision took. */
  readonly microseconds?: number;
}

const isNumbers = (value: JsonValue | undefined): value is JsonObject & Readonly<Record<string, number>> =>
  isJsonObject(value) && Object.values(value).every((one) => typeof one === "number" && Number.isFinite(one));

const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");

/** One line of predictions; throws GatewayError `invalid_value` that names file, line and field. */
export const parsePrediction = (
  text: string,
  place: { readonly file: string; readonly line: number },
): RowPrediction => {
  const refuse = (what: string): GatewayError =>
    new GatewayError("invalid_value", `${place.file}, line ${place.line}: ${what}`);
  const row = parseJson(text);
  if (!isJsonObject(row)) throw refuse("not a JSON object. Each line holds one prediction.");
  const { id, quality, cost, action, microseconds } = row;
  if (typeof id !== "string") throw refuse("'id' must be a text.");
  if (!isNumbers(quality)) throw refuse("'quality' must be an object of numbers, one for each model.");
  if (!isNumbers(cost)) throw refuse("'cost' must be an object of numbers, one for each model.");
  if (!isJsonObject(action) || typeof action["kind"] !== "string" || typeof action["answer"] !== "string")
    throw refuse("'action' must be an object with 'kind', 'models' and 'answer'.");
  const { models, kind, answer } = action;
  if (!isTexts(models)) throw refuse("'action.models' must list the models that are called.");
  if (microseconds !== undefined && (typeof microseconds !== "number" || !(microseconds >= 0)))
    throw refuse("'microseconds' must be a number, 0 or more.");
  return {
    id,
    quality,
    cost,
    action: { kind: kind as string, models, answer: answer as string },
    ...(typeof microseconds === "number" ? { microseconds } : {}),
  };
};
