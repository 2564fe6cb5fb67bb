/**
 * How the upstream answers one request. It stands in the model's name, as a query string behind the name proper
 * (`m-17?chunks=20&delay=5`): a model's name passes every dialect and stands in the ledger, so that each dispatch can
 * be matched with its row.
 */
export interface Behaviour {
  /** `chunks`: pieces of text; a whole answer holds as many. */
  readonly chunks: number;
  /** `delay`: before each piece; a whole answer takes as long as all of its pieces. */
  readonly delayMilliseconds: number;
  /** `first`: before the headers. */
  readonly firstDelayMilliseconds: number;
  /** `status`: refuses with this HTTP status. */
  readonly status: number;
  /** `retry-after`: seconds, sent with a refusal. */
  readonly retryAfterSeconds: number | null;
  /** `hang`: falls silent after so many pieces; `hang=headers`: before the headers. */
  readonly hang: Place | null;
  /** `cut`: resets the connection after so many pieces; `cut=headers`: before the headers. */
  readonly cut: Place | null;
  /** `usage=none`: never says what was used. */
  readonly usage: "reported" | "none";
}
export type Place = number | "headers";

const numberOf = (query: URLSearchParams, name: string, otherwise: number): number => {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`the model's name says ${name}=${text}: expected a number`);
  return value;
};

const placeOf = (query: URLSearchParams, name: string): Place | null => {
  const text = query.get(name);
  if (text === null) return null;
  return text === "headers" ? "headers" : numberOf(query, name, 0);
};

const known = new Set(["chunks", "delay", "first", "status", "retry-after", "hang", "cut", "usage"]);

/** Reads the behaviour out of a model's name. Throws `Error` where it asks for something that there is not. */
export const behaviourOf = (model: string): Behaviour => {
  const query = new URLSearchParams(model.includes("?") ? model.slice(model.indexOf("?") + 1) : "");
  for (const name of query.keys())
    if (!known.has(name)) throw new Error(`the model's name asks for '${name}', which this upstream does not know`);
  return {
    chunks: numberOf(query, "chunks", 4),
    delayMilliseconds: numberOf(query, "delay", 0),
    firstDelayMilliseconds: numberOf(query, "first", 0),
    status: numberOf(query, "status", 200),
    retryAfterSeconds: query.has("retry-after") ? numberOf(query, "retry-after", 0) : null,
    hang: placeOf(query, "hang"),
    cut: placeOf(query, "cut"),
    usage: query.get("usage") === "none" ? "none" : "reported",
  };
};

/** Characters of one piece of text. */
export const pieceCharacters = 8;

/** The text of one piece: of another model or place it is another, so that mixed-up answers are noticed. */
export const pieceOf = (model: string, index: number): string => {
  let hash = 2_166_136_261 ^ index;
  for (let at = 0; at < model.length; at++) hash = Math.imul(hash ^ model.charCodeAt(at), 16_777_619);
  return `${(hash >>> 0)
    .toString(36)
    .padStart(pieceCharacters - 1, "0")
    .slice(-(pieceCharacters - 1))} `;
};

/** The first `count` pieces. */
export const textOf = (model: string, count: number): string =>
  Array.from({ length: count }, (_, index) => pieceOf(model, index)).join("");

/** The tokens that the upstream says every prompt has. */
export const promptTokens = 7;

/** The embedding of anything, by this model. */
export const vectorOf = (model: string): readonly number[] =>
  Array.from({ length: 8 }, (_, index) => Number.parseInt(pieceOf(model, index).trim(), 36) / 2 ** 36);
