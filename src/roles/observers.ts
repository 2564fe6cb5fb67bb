import { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import { maskTokens } from "../core/mask-secrets.ts";
import type { Refusal } from "../http/edge.ts";
import type { RegistrySnapshot } from "../registry/registry.ts";
import { logCall } from "../telemetry/call-log.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import type { Configuration } from "./configuration.ts";

/** Who is told of calls: the log and the metrics. Nothing here may throw or wait. */
export interface Observers {
  readonly metrics: Metrics | undefined;
  readonly callsInFlight: () => number;
  /** Since the start. */
  readonly callsTaken: () => number;
  onStarted(): void;
  onEnded(): void;
  onSettled(record: CallRecord): void;
  onRefused(refusal: Refusal): void;
}

export interface ObserversParts {
  readonly logger: Logger;
  readonly configuration: () => Configuration;
  readonly snapshot: () => RegistrySnapshot;
  readonly openCircuits: () => readonly string[];
  /** Calls that were turned away for overload, since the start. */
  readonly shedCalls: () => number;
}

/** The names that metrics may show: those of the configuration and the registry, gathered once per snapshot. */
const knownModels = (snapshot: () => RegistrySnapshot): ((name: string) => boolean) => {
  let seen: RegistrySnapshot | undefined;
  let names: ReadonlySet<string> = new Set();
  return (name) => {
    const current = snapshot();
    if (current !== seen) {
      names = new Set([...current.providers.values()].flatMap(({ served }) => [...served.keys()]));
      seen = current;
    }
    return names.has(name);
  };
};

export const createObservers = (parts: ObserversParts): Observers => {
  const { logger, configuration, snapshot, openCircuits, shedCalls } = parts;
  let inFlight = 0;
  let taken = 0;
  const settings = configuration().metrics;
  const metrics = settings.enabled
    ? createMetrics({
        settings,
        isKnownRoute: (name) => Object.hasOwn(configuration().routes, name),
        isKnownModel: knownModels(snapshot),
        inFlight: () => inFlight,
        shedCalls,
        openCircuits,
      })
    : undefined;
  const log = logCall(logger);
  return {
    metrics,
    callsInFlight: () => inFlight,
    callsTaken: () => taken,
    onStarted: () => {
      inFlight += 1;
      taken += 1;
    },
    onEnded: () => {
      inFlight -= 1;
    },
    onSettled(record) {
      metrics?.observe(record);
      log(record);
    },
    onRefused({ id, path, error, caller }) {
      const fields = {
        request: id,
        path: maskTokens(path),
        code: error.code,
        status: error.kind.status,
        key: caller?.keyId ?? null,
      };
      if (error.kind.status < 500) logger.info("refused", { ...fields, reason: reasonOf(error) });
      else logger.error("failed", { ...fields, reason: reasonOf(error), cause: describeCause(error.cause) });
    },
  };
};

/** What strangers and administrators send in a wrong place may be a key; names of models are told as they are. */
const reasonOf = ({ code, recorded }: GatewayError): string =>
  code === "model_not_found" ? recorded : maskTokens(recorded);

const describeCause = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : String(cause);
  const told = cause.stack ?? cause.message;
  return cause instanceof GatewayError ? told.replaceAll(cause.message, cause.recorded) : told;
};
