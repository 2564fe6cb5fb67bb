import type { Call, Reply } from "../core/call.ts";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import { parseJson } from "../core/json.ts";
import type { Target } from "../core/model.ts";
import type { OperationName, PieceOf, WholeOf } from "../core/operations.ts";
import type { Provider, Translator } from "../core/ports/provider.ts";
import type { WireRequest, WireResponse } from "../core/ports/transport.ts";
import { DecodedBody } from "./decoded-body.ts";
import { type Invocation, wallTime } from "./invocation.ts";
import { exhaustedFor, type Quota, quotaOf } from "./quota.ts";
import { cutShort, readWhole, type WholeBody, wholeBody } from "./read-body.ts";
import { refusal } from "./refusal.ts";
import { withoutRepeats } from "./repeated.ts";

/** The provider's translator for an operation; undefined where the provider has none. */
export const translatorFor = <Operation extends OperationName>(
  provider: Provider,
  operation: Operation,
): Translator<Operation> | undefined => provider[operation] as Translator<Operation> | undefined;

const unreached: ReadonlySet<ErrorCode> = new Set(["upstream_unreachable", "upstream_refused"]);

/** Clients know providers by their name; where they stand is for the log. */
const withName = (cause: unknown, { provider }: Target): unknown => {
  if (!(cause instanceof GatewayError) || !unreached.has(cause.code)) return cause;
  const { code } = (cause.cause ?? {}) as { readonly code?: unknown };
  const reason = typeof code === "string" ? ` (${code})` : "";
  return new GatewayError(cause.code, `Provider '${provider}' cannot be reached${reason}.`, { provider, cause });
};

const isStreamed = (request: object): boolean => "stream" in request && request.stream === true;

const tellQuota = <Operation extends OperationName>(
  tell: (quota: Quota) => void,
  { headers }: WireResponse,
  call: Call<Operation>,
): void => {
  const quota = quotaOf(headers, () => wallTime(call));
  if (quota !== undefined) tell(quota);
};

/** The answer's pieces, once its headers are there; undefined where it comes whole. */
const streamOf = <Operation extends OperationName>(
  { call, target, signal, limits }: Invocation<Operation>,
  translator: Translator<Operation>,
  { request, response }: { readonly request: WireRequest; readonly response: WireResponse },
): Reply<Operation> | undefined => {
  if (!isStreamed(call.request) || translator.openStream === undefined) return undefined;
  const decoder = translator.openStream(call.request);
  const explain = (thrown: unknown): unknown => withoutRepeats(thrown, request, call.request);
  const options = { target, limits, signal, framing: translator.framing, explain };
  return { kind: "stream", batches: new DecodedBody<PieceOf<Operation>>(response, decoder, options) };
};

/**
 * The one upstream call: encode, authorize, send, decode. Throws GatewayError; where the signal was aborted, its
 * reason. A stream is returned as soon as its headers are there.
 */
export const invoke = async <Operation extends OperationName>(
  invocation: Invocation<Operation>,
): Promise<Reply<Operation>> => {
  const { provider, call, target, attempt, signal, limits } = invocation;
  const translator = translatorFor(provider, call.operation);
  if (translator === undefined)
    throw new GatewayError("unsupported_parameter", `Provider '${target.provider}' does not serve ${call.operation}.`);
  const isUntouched = call.wire.parsed === call.request && call.wire.model.end > 0;
  const request = translator.encode(call.request, target, isUntouched ? call.wire : undefined);
  const authorizing = provider.credentials.authorize(request);
  const authorized = authorizing instanceof Promise ? await authorizing : authorizing;
  let response: WireResponse;
  try {
    response = await (provider.transport ?? invocation.transport).send(authorized, signal, invocation);
  } catch (cause) {
    throw withName(cause, target);
  }
  attempt.headers(response.status);
  invocation.onHeaders();
  if (response.status < 200 || response.status > 299)
    throw withoutRepeats(
      await refusal({ response, request: authorized }, translator, invocation),
      authorized,
      call.request,
    );
  const exhausted = exhaustedFor(response.headers, () => wallTime(call));
  if (exhausted !== undefined) invocation.onExhausted(exhausted);
  if (invocation.onQuota !== undefined) tellQuota(invocation.onQuota, response, call);
  const stream = streamOf(invocation, translator, { request: authorized, response });
  if (stream !== undefined) return stream;
  let whole: WholeBody;
  try {
    const limit = call.operation === "embeddings" ? limits.maxVectorBytes : limits.maxReplyBytes;
    const reading = readWhole(response, limit);
    whole = wholeBody(reading instanceof Promise ? await reading : reading);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw cause instanceof GatewayError ? cause : cutShort(target, cause);
  }
  const body = parseJson(whole.text);
  if (body === undefined)
    throw new GatewayError(
      "upstream_invalid_response",
      `Provider '${target.provider}' sent a reply that is not JSON.`,
      {
        provider: target.provider,
      },
    );
  let value: WholeOf<Operation>;
  try {
    value = translator.decode(body, call.request);
  } catch (thrown) {
    throw withoutRepeats(thrown, authorized, call.request);
  }
  const dialect = "conformsTo" in value ? value.conformsTo : undefined;
  return dialect === undefined || whole.bytes === undefined
    ? { kind: "whole", value }
    : { kind: "whole", value, asSent: { dialect, bytes: whole.bytes } };
};
