import { z } from "zod";
import type { Caller } from "../core/caller.ts";
import { GatewayError } from "../core/errors.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import type { FeedbackDesk, FeedbackReceipt, GivenFeedback } from "../core/ports/learning.ts";
import { parseStrictly } from "./admin/parse-input.ts";
import type { Incoming } from "./open-call.ts";
import { readJsonBody } from "./read-body.ts";
import { idHeaders } from "./reply-headers.ts";
import { invalidValue } from "./validate.ts";

/** Of a correction no more is read than that there is one; so long it may be. */
const limits = { maxBodyBytes: 262_144, maxDepth: 4 };

const share = z.number().min(0).max(1);
const name = z.string().regex(/^[\x21-\x7e]{1,200}$/, "expected 1 to 200 printable ASCII characters without spaces");

/** The body of `POST /v1/feedback`. */
export const feedbackBody = z.strictObject({
  call_id: name.describe("The `x-request-id` of the reply that is judged."),
  id: name
    .optional()
    .describe("Names this word: sent again, it changes nothing. Absent, one rating and one outcome of a caller count."),
  rating: z
    .union([share, z.enum(["up", "down"])])
    .optional()
    .describe("What somebody thought of the answer."),
  outcome: z
    .union([share, z.enum(["success", "failure"])])
    .optional()
    .describe("What a check of the answer found: tests that ran, a task that was done. Trusted more than a rating."),
  correction: z
    .string()
    .min(1)
    .optional()
    .describe("How the answer should have been. Counts as a rating of 0 where there is none; the text is not kept."),
});
export const feedbackResponse = z.strictObject({
  object: z.literal("feedback"),
  call_id: z.string(),
  id: z.string().nullable(),
  received: z.array(
    z.strictObject({
      source: z.enum(["verifier", "rating"]),
      reward: z.number().min(0).max(1),
      status: z.enum(["added", "known"]).describe("`known`: it was there already, and nothing was changed."),
    }),
  ),
});

const words: Readonly<Record<string, number>> = { up: 1, down: 0, success: 1, failure: 0 };
const toShare = (value: number | string): number => (typeof value === "number" ? value : (words[value] ?? 0));

const parse = (body: object): GivenFeedback => {
  if ("comment" in body)
    throw invalidValue(["comment"], "comments are not kept, since they may hold what prompts hold. Leave it out");
  const { call_id: callId, id, rating, outcome, correction } = parseStrictly(feedbackBody, body);
  if (rating === undefined && outcome === undefined && correction === undefined)
    throw new GatewayError(
      "missing_required_parameter",
      "Missing required field 'rating': say how good the answer was by rating, outcome or correction.",
      { param: "rating" },
    );
  return {
    callId,
    ...(id === undefined ? {} : { id }),
    ...(rating === undefined ? {} : { rating: toShare(rating) }),
    ...(outcome === undefined ? {} : { outcome: toShare(outcome) }),
    ...(correction === undefined ? {} : { corrected: true as const }),
  };
};

const show = ({ callId, id }: GivenFeedback, received: readonly FeedbackReceipt[]): string =>
  JSON.stringify({ object: "feedback", call_id: callId, id: id ?? null, received });

/** `POST /v1/feedback`: how good the answer of a call was. */
export const feedbackRoute =
  (desk: FeedbackDesk) =>
  async ({ request, id }: Incoming, caller: Caller): Promise<ServerReply> => {
    const given = parse((await readJsonBody(request, limits)).body);
    const received = await desk.take(given, caller);
    return {
      status: 200,
      headers: { "content-type": "application/json", ...idHeaders(id, undefined) },
      body: show(given, received),
    };
  };
