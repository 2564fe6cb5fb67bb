import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../core/json.ts";
import type { RequestHeaders } from "../core/ports/http-server.ts";
import type { RoutingWishes } from "../core/routing-wishes.ts";
import { invalidValue, validate } from "./validate.ts";

const name = z.string().min(1).max(300);
const session = z.string().min(1).max(200);
const tags = z.array(z.string().min(1).max(100)).max(32);

/** The `routing` field of a request. */
export const routingSchema = z
  .strictObject({
    force: name.nullish().describe("Only this target or model is asked."),
    pin: z
      .union([name, z.literal(false)], "expected a target or model, or false")
      .nullish()
      .describe("With `session_id`: the session's calls go to this target first; false ends that."),
    exclude: z.array(name).min(1).max(64).nullish().describe("Targets, models, or `provider/*`, that are not asked."),
    max_cost: z
      .number()
      .gt(0)
      .max(1_000_000)
      .nullish()
      .describe("USD: what may cost more in one attempt, by its worst case, is not asked."),
    strategy: z.string().min(1).max(64).nullish().describe("A strategy that needs no options, for the route's own."),
    off: z.boolean().nullish().describe("True: the route's own order, nothing learned and nothing tried out."),
  })
  .describe("What the client wishes of the routing of this call, within its key's rights.");

const routingFields = Object.keys(routingSchema.shape);

const checkFields = (routing: JsonValue, base: string): void => {
  if (!isJsonObject(routing)) throw invalidValue([base], `expected an object with ${routingFields.join(", ")}`);
  const unknown = Object.keys(routing).find((field) => !routingFields.includes(field));
  if (unknown !== undefined)
    throw invalidValue([base, unknown.slice(0, 100)], `there is no such field; there are ${routingFields.join(", ")}`);
};

const clash = (base: string, field: string, reason: string): GatewayError => invalidValue([base, field], reason);

type Draft = { -readonly [Key in keyof RoutingWishes]: RoutingWishes[Key] };

const readRouting = (value: JsonValue, base: string, draft: Draft): void => {
  checkFields(value, base);
  const { force, pin, exclude, max_cost, strategy, off } = validate(routingSchema, value, [base]);
  if (off === true && typeof strategy === "string")
    throw clash(base, "strategy", "routing is off, so that no strategy is asked; leave one of them out");
  if (typeof force === "string" && typeof pin === "string" && force !== pin)
    throw clash(base, "pin", "the call is forced elsewhere; leave one of them out");
  if (typeof force === "string") draft.force = force;
  if (pin !== undefined && pin !== null) draft.pin = pin;
  if (exclude) draft.exclude = exclude;
  if (typeof max_cost === "number") draft.maxCostUsd = max_cost;
  if (typeof strategy === "string") draft.strategy = strategy;
  if (off === true) draft.off = true;
};

const isGiven = <Value>(value: Value | null | undefined): value is Value => value !== undefined && value !== null;

const routingHeader = "x-intellirouter-routing";

const fromHeader = (text: string): JsonValue => {
  const value = parseJson(text);
  if (value === undefined)
    throw new GatewayError("invalid_value", `The header '${routingHeader}' is not valid JSON. Send an object.`, {
      param: routingHeader,
    });
  return value as JsonValue;
};

const regionPattern = /^[a-z0-9][a-z0-9-]{0,63}$/i;

const readHeaders = (headers: RequestHeaders, body: JsonObject, draft: Draft): void => {
  const routing = isGiven(body["routing"]) ? null : headers.get(routingHeader);
  if (routing !== null) readRouting(fromHeader(routing), routingHeader, draft);
  const named = isGiven(body["session_id"]) ? null : headers.get("x-intellirouter-session");
  if (named !== null) draft.session = validate(session, named, ["x-intellirouter-session"]);
  const listed = isGiven(body["tags"]) ? null : headers.get("x-intellirouter-tags");
  if (listed !== null)
    draft.tags = validate(
      tags,
      listed.split(",").map((tag) => tag.trim()),
      ["x-intellirouter-tags"],
    );
  const region = headers.get("x-intellirouter-region");
  if (region === null) return;
  if (!regionPattern.test(region))
    throw invalidValue(["x-intellirouter-region"], "expected a region such as eu-central-1");
  draft.region = region;
};

/**
 * What a request says of its own routing: the fields `routing`, `session_id` and `tags`, or headers where those are absent;
 * undefined where it says nothing. Throws GatewayError with the path of what is wrong.
 */
export const readWishes = (body: JsonObject, headers: RequestHeaders): RoutingWishes | undefined => {
  const draft: Draft = {};
  readHeaders(headers, body, draft);
  if (isGiven(body["routing"])) readRouting(body["routing"], "routing", draft);
  if (isGiven(body["session_id"])) draft.session = validate(session, body["session_id"], ["session_id"]);
  if (isGiven(body["tags"])) draft.tags = validate(tags, body["tags"], ["tags"]);
  if (draft.pin !== undefined && draft.session === undefined)
    throw invalidValue(["routing", "pin"], "a session is pinned: send session_id beside it");
  for (const _ in draft) return draft;
  return undefined;
};
