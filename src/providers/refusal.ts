import { GatewayError } from "../core/errors.ts";
import { parseJson } from "../core/json.ts";
import type { OperationName } from "../core/operations.ts";
import type { Translator } from "../core/ports/provider.ts";
import type { WireRequest, WireResponse } from "../core/ports/transport.ts";
import { type Invocation, wallTime } from "./invocation.ts";
import { readText } from "./read-body.ts";
import { withoutCredentials } from "./repeated.ts";

/** Seconds, or a date (RFC 9110, 10.2.3); several providers send milliseconds beside it. */
export const retryAfterMilliseconds = (
  headers: WireResponse["headers"],
  nowMilliseconds: number,
): number | undefined => {
  const precise = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(precise)) return Math.max(0, precise);
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMilliseconds);
};

/** The status says the most: the text that comes with it is not waited for long. */
const reasonMilliseconds = 1_000;

const readReason = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> => {
  const iterator = body[Symbol.asyncIterator]();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, reasonMilliseconds, "");
  });
  const whole = readText({ [Symbol.asyncIterator]: () => iterator }, maxBytes).catch(() => "");
  const text = await Promise.race([whole, late]);
  clearTimeout(timer);
  // Not awaited: an upstream that stays silent must not hold us.
  void Promise.resolve(iterator.return?.()).catch(() => undefined);
  return text;
};

/** An error status as the GatewayError that it means, with the pause that the provider asks for. */
export const refusal = async <Operation extends OperationName>(
  { response, request }: { readonly response: WireResponse; readonly request: WireRequest },
  translator: Translator<Operation>,
  { target, limits, call, provider }: Invocation<Operation>,
): Promise<GatewayError> => {
  const text = withoutCredentials(await readReason(response.body, limits.maxErrorBytes), request);
  const error = translator.decodeError(response.status, parseJson(text) ?? text, target);
  const hasAnother = error.code === "upstream_authentication" && (provider.credentials.refused?.(request) ?? false);
  const wait = hasAnother ? 0 : retryAfterMilliseconds(response.headers, wallTime(call));
  if (wait === undefined) return error;
  return new GatewayError(error.code, error.message, {
    retryAfterMilliseconds: wait,
    ...(error.param === undefined ? {} : { param: error.param }),
    provider: target.provider,
    upstreamStatus: response.status,
  });
};
