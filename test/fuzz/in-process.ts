import type { Caller } from "../../src/core/caller.ts";
import type { GatewayError } from "../../src/core/errors.ts";
import { allPermissions } from "../../src/core/permissions.ts";
import type { ServerConnection } from "../../src/core/ports/http-server.ts";
import { createApp } from "../../src/http/app.ts";
import { Registry } from "../../src/registry/registry.ts";
import { createCurrentGateway } from "../../src/roles/current-gateway.ts";
import { fetchTransport } from "../../src/runtime/fetch-transport.ts";
import { platformResponse } from "../../src/runtime/platform-response.ts";
import { systemClock } from "../../src/runtime/system-clock.ts";
import { cannedModules } from "./canned-providers.ts";

/** The edge and everything behind it but sockets, disk and the shedding of load. */
export interface InProcess {
  send(request: Request): Promise<Response>;
  /** Calls that were begun, and those of them that ended and were settled. */
  readonly counts: { readonly started: number; readonly ended: number; readonly settled: number };
  /** What the log would have shown of the last `internal_error`; reading forgets it. */
  takeInternalError(): GatewayError | undefined;
}

const caller: Caller = {
  ...{ tenant: "default", team: null, keyId: null, role: "developer", routes: null, models: null },
  ...{ permissions: allPermissions, everywhere: true, userId: null },
};
const connection: ServerConnection = {
  remoteAddress: "127.0.0.1",
  keepOpen: () => undefined,
  limitIdle: () => undefined,
  cut: () => undefined,
};
const limits = { maxBodyBytes: 8_000_000, maxDepth: 64 };
const pacing = { keepAliveMilliseconds: 15_000, commitAfterMilliseconds: 20_000, stalledMilliseconds: 60_000 };

const openRegistry = (): Registry => {
  const catalogue = { asOf: () => undefined, models: () => new Map(), replace: () => undefined };
  const registry = new Registry({ modules: cannedModules, catalogue });
  registry.declare(
    "configuration",
    cannedModules.map(({ kind }) => ({
      settings: {
        name: kind,
        kind,
        baseUrl: "http://127.0.0.1:1",
        apiKeys: kind === "mock" ? [] : ["key"],
        headers: {},
        options: {},
      },
      source: "configuration",
      priority: 0,
      models: new Map(),
    })),
  );
  return registry;
};

export const openInProcess = (): InProcess => {
  const gateway = createCurrentGateway({
    registry: openRegistry(),
    transport: fetchTransport,
    clock: systemClock,
    routes: () => ({}),
  });
  const counts = { started: 0, ended: 0, settled: 0 };
  let internalError: GatewayError | undefined;
  let ids = 0;
  const app = createApp(
    {
      gateway: gateway.get,
      authenticate: () => caller,
      journal: { append: () => undefined, flushed: () => undefined },
      clock: systemClock,
      limits,
      pacing,
      refuseCall: () => undefined,
      newId: () => `req_${ids++}`,
      onStarted: () => {
        counts.started++;
      },
      onEnded: () => {
        counts.ended++;
      },
      onSettled: () => {
        counts.settled++;
      },
      onRefused: ({ error }) => {
        if (error.code === "internal_error") internalError = error;
      },
      stopping: new AbortController().signal,
    },
    {
      admin: async () => new Response("", { status: 404 }),
      feedback: { take: async () => [] },
      metrics: undefined,
      openApi: async () => "{}",
      unreadyReason: () => undefined,
    },
  );
  return {
    send: async (request) => platformResponse(await app(request, connection)),
    counts,
    takeInternalError() {
      const found = internalError;
      internalError = undefined;
      return found;
    },
  };
};
