import { GatewayError, toGatewayError } from "../core/errors.ts";
import { parseJson } from "../core/json.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ListedModel, Provider } from "../core/ports/provider.ts";
import type { Transport } from "../core/ports/transport.ts";
import type { ProviderCheck } from "./provider-entry.ts";

const largestListBytes = 16 * 1024 * 1024;

export interface CheckOptions {
  readonly name: string;
  readonly provider: Provider;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timeoutMilliseconds: number;
}

const list = async (
  { name, provider, transport }: CheckOptions,
  signal: AbortSignal,
): Promise<readonly ListedModel[] | undefined> => {
  if (provider.models === undefined) return undefined;
  const request = await provider.credentials.authorize(provider.models.encode());
  const response = await (provider.transport ?? transport).send(request, signal);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body) {
    size += piece.length;
    if (size > largestListBytes)
      throw new GatewayError("upstream_invalid_response", `Provider '${name}' sent too long a list.`);
    pieces.push(piece);
  }
  if (response.status === 401 || response.status === 403)
    throw new GatewayError("upstream_authentication", `Provider '${name}' refused its key (HTTP ${response.status}).`);
  if (response.status !== 200)
    throw new GatewayError(
      "upstream_error",
      `Provider '${name}' answered HTTP ${response.status} to its list of models.`,
    );
  return provider.models.decode(parseJson(Buffer.concat(pieces).toString("utf8")));
};

/** Asks a provider which models it serves: the cheapest way to see that it answers and takes its key. Never throws. */
export const checkProvider = async (options: CheckOptions): Promise<ProviderCheck> => {
  const { clock, timeoutMilliseconds, name } = options;
  const started = clock.monotonic();
  const controller = new AbortController();
  const timer = setTimeout(
    () =>
      controller.abort(
        new GatewayError("upstream_timeout", `Provider '${name}' gave no list within ${timeoutMilliseconds} ms.`),
      ),
    timeoutMilliseconds,
  );
  const at = clock.wall();
  try {
    const listed = await list(options, controller.signal);
    const latencyMilliseconds = clock.monotonic() - started;
    return listed === undefined ? { at, latencyMilliseconds } : { at, latencyMilliseconds, listed };
  } catch (thrown) {
    const error = controller.signal.aborted ? controller.signal.reason : thrown;
    return { at, latencyMilliseconds: clock.monotonic() - started, error: toGatewayError(error).message };
  } finally {
    clearTimeout(timer);
  }
};
