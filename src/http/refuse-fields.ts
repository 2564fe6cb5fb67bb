import { GatewayError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";

/**
 * Fields of the gateway's own that a client may send, and that nothing answers to yet; and where other gateways let a
 * request say to whom it goes, and with which key: here only the configuration does.
 */
const reserved: ReadonlySet<string> = new Set([
  ...["persona_id", "api_base", "base_url", "api_key"],
  ...["apibase", "baseurl", "apikey"],
]);

/** Fields that say what is asked for, of whom, and how much of it. */
const governing: ReadonlySet<string> = new Set(
  (
    "model messages prompt input system instructions contents n best_of max_tokens max_completion_tokens " +
    "max_output_tokens stream stream_options tools tool_choice functions stop route routing session_id tags user store " +
    "service_tier"
  ).split(" "),
);

const ordinary = /^[a-z0-9_.]+$/;

/** As parsers compare names that have no regard to case: the long s and the sign for kelvin count as letters to them. */
const fold = (name: string): string => name.toLowerCase().toUpperCase().toLowerCase();

const refuse = (field: string, message: string): never => {
  throw new GatewayError("unsupported_parameter", message, { param: field.slice(0, 200) });
};

/**
 * Refuses fields that would not be understood as the gateway understands them. Some upstreams read names without regard
 * to case: `Model` beside `model` would be one thing to the gateway and another one to them. Throws
 * `unsupported_parameter`.
 */
export const refuseFields = (body: JsonObject): void => {
  for (const field in body) {
    if (reserved.has(field)) refuse(field, `The field '${field}' is not supported by this version. Remove it.`);
    if (ordinary.test(field)) continue;
    const folded = fold(field);
    const bare = folded.replace(/[-_]/g, "");
    if (governing.has(folded)) refuse(field, `A field's name is written in another case. Write it '${folded}'.`);
    if (reserved.has(folded) || reserved.has(bare))
      refuse(field, "A request says neither where it is sent nor with which key. Remove this field.");
  }
};
