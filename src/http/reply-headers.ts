import type { Attempt } from "../core/attempt.ts";
import { BoundedMap } from "../core/bounded-map.ts";
import type { Call } from "../core/call.ts";
import type { Dialect } from "../core/chat.ts";
import type { Decision } from "../core/decision.ts";
import type { GatewayError } from "../core/errors.ts";
import { addLimitHeaders } from "./limit-headers.ts";

/** Header values are printable ASCII: a model's name comes from outside. */
const printable = (text: string): string =>
  // The same few names come with nearly every reply.
  printed.get(text) ?? printed.getOrMake(text, () => asPrintable(text));
const asPrintable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, longestValue);
const longestValue = 500;
const printed = new BoundedMap<string, string>(500);

/** Milliseconds with one decimal place. Numbers with fractions are slow to write, whole ones are not. */
const oneDecimal = (milliseconds: number): string => {
  const tenths = Math.max(0, Math.round(milliseconds * 10));
  const rest = tenths % 10;
  return `${(tenths - rest) / 10}.${rest}`;
};

/** What a reply says is what it is: no browser is to find a page in it, whatever models and clients wrote. */
const asDeclared = "nosniff";

/** What every reply carries: the request's id, in the header in which this dialect's clients look for it too. */
export const idHeaders = (id: string, dialect: Dialect | undefined): Record<string, string> =>
  dialect === "anthropic"
    ? { "x-request-id": id, "request-id": id, "x-content-type-options": asDeclared }
    : { "x-request-id": id, "x-content-type-options": asDeclared };

const timing = (elapsed: number, { startedAfterMilliseconds: started }: Attempt): string =>
  `upstream;dur=${oneDecimal(elapsed - started)}, gateway;dur=${oneDecimal(started)}`;

const share = (value: number): string => (Number.isFinite(value) ? String(Number(value.toFixed(4))) : "?");

/** One sentence; of a policy that learns, what judges of its choice need, as parameters. */
const decisionHeader = ({ strategy, reason, detail }: Decision): string =>
  detail === undefined
    ? printable(reason)
    : asPrintable(
        `strategy="${quotable(strategy)}"; action="${quotable(detail.action)}"; confidence=${share(detail.confidence)}; propensity=${share(detail.propensity)}`,
      );
const quotable = (text: string): string => text.replace(/["\\]/g, "?").slice(0, longestName);
const longestName = 200;

/** The same as below for nearly all calls: all at once, which costs a fraction of adding one field after the other. */
const usualHeaders = (
  call: Call,
  elapsed: number,
  { last, decision }: { readonly last: Attempt; readonly decision: Decision },
): Record<string, string> => ({
  "x-request-id": call.id,
  "x-content-type-options": asDeclared,
  "x-intellirouter-route": printable(call.route.name),
  "x-intellirouter-attempts": String(call.scope.attempts.length),
  "x-intellirouter-model": printable(last.target.model),
  "x-intellirouter-provider": printable(last.target.provider),
  "server-timing": timing(elapsed, last),
  "x-intellirouter-decision": decisionHeader(decision),
});

/**
 * What a reply says of the way it took; `elapsed` is how long that was. Cost is known before the headers leave only on
 * whole answers.
 */
export const callHeaders = (call: Call, elapsed: number = call.scope.elapsed()): Record<string, string> => {
  const { scope, route } = call;
  const last = scope.answering;
  if (last !== undefined && scope.decision !== null && call.wire.dialect !== "anthropic") {
    const usual = usualHeaders(call, elapsed, { last, decision: scope.decision });
    if (scope.limits !== null) addLimitHeaders(usual, scope, call.wire.dialect);
    return usual;
  }
  const headers = idHeaders(call.id, call.wire.dialect);
  headers["x-intellirouter-route"] = printable(route.name);
  headers["x-intellirouter-attempts"] = String(scope.attempts.length);
  if (last !== undefined) {
    headers["x-intellirouter-model"] = printable(last.target.model);
    headers["x-intellirouter-provider"] = printable(last.target.provider);
    headers["server-timing"] = timing(elapsed, last);
  }
  if (scope.decision !== null) headers["x-intellirouter-decision"] = decisionHeader(scope.decision);
  if (scope.limits !== null) addLimitHeaders(headers, scope, call.wire.dialect);
  return headers;
};

const decimals = 12;
const picoPerUsd = 10 ** decimals;

/** USD as text, without an exponent. Of whole numbers: those with fractions are slow to write, and to shorten. */
export const costHeader = (costPicoUsd: number): string => {
  const cost = Math.round(costPicoUsd);
  const below = cost % picoPerUsd;
  const whole = String((cost - below) / picoPerUsd);
  if (below === 0) return whole;
  const digits = String(below);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === zero) end -= 1;
  return `${whole}.${zeros.slice(digits.length)}${digits.slice(0, end)}`;
};
const zero = 48;
const zeros = "0".repeat(decimals);

/** Headers that come with an error: when to try again, and whether a client library should. */
export const errorHeaders = (error: GatewayError): Record<string, string> => {
  const { status } = error.kind;
  // Client libraries send a 409 again by themselves unless they are told not to.
  if (error.code === "idempotency_in_flight") return { "retry-after": "1", "x-should-retry": "true" };
  if (error.code === "idempotency_not_stored") return { "x-should-retry": "false" };
  if (status !== 429 && status !== 503) return {};
  if (error.retryAfterMilliseconds === Number.POSITIVE_INFINITY) return { "x-should-retry": "false" };
  const retryAfter = String(Math.max(1, Math.ceil((error.retryAfterMilliseconds ?? 1_000) / 1_000)));
  // Another process may answer the client's next connection; this one will not.
  return { "retry-after": retryAfter, ...(error.code === "shutting_down" ? { connection: "close" } : {}) };
};
