import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGateway } from "../../test/support/start-gateway.ts";
import { withDescriptors } from "../system/limits.ts";
import { pinned } from "../system/machine.ts";
import { type Issuer, makeIssuer } from "./issuer.ts";
import { makeKeys } from "./make-keys.ts";
import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";

const projectFolder = resolve(import.meta.dir, "../..");

/** How the gateway is run: from its sources, or as the executable of `npm run build`. */
export type Program = "sources" | "executable";

/** What `npm run build` makes. */
export const executable = resolve(projectFolder, "dist/intellirouter");

const commands: Readonly<Record<Program, readonly string[]>> = {
  sources: [process.execPath, resolve(projectFolder, "src/main.ts")],
  executable: [executable],
};

/** What a gateway has; absent is one of each, in a folder of its own. */
export interface GatewayOptions {
  readonly routes?: number;
  /** 0 leaves the gateway open, and its database to its first start. */
  readonly keys?: number;
  /** One that is there already, and stays. */
  readonly dataFolder?: string;
  /** How many it may have open. */
  readonly descriptors?: number;
  readonly policies?: Policies;
}

/** What a gateway asks of calls beyond its usual configuration, in the configuration's words. */
export interface Policies {
  readonly limits?: readonly object[];
  readonly budgets?: readonly object[];
  /** Of the model, in USD per million tokens. */
  readonly price?: object;
  /** The team of its key. */
  readonly team?: string;
  /** What callers show; a key where absent. */
  readonly credential?: "key" | "token";
}

export interface GatewaySubject extends Subject {
  /** From its start until it said that it was ready. */
  readonly startedInMilliseconds: number;
}

/** Everything on that a call of a company would use: two targets, a strategy, deadlines, retries, breakers. */
const route = {
  targets: ["first/bench-model", "second/bench-model"],
  strategy: { kind: "least-latency" },
  timeouts: {
    headersMilliseconds: 30_000,
    firstTokenMilliseconds: 30_000,
    idleMilliseconds: 60_000,
    totalMilliseconds: 600_000,
  },
};
/** The route whose whole answers are asked for as streams, as the program does by default with several targets. */
export const assembledRoute = "assembled";

interface Declared {
  readonly names: readonly string[];
  readonly policies: Policies;
  readonly issuer: Issuer | undefined;
}

const configuration = ({ port, trust }: UpstreamAddress, { names, policies, issuer }: Declared) => {
  const baseUrl = trust === undefined ? `http://127.0.0.1:${port}/v1` : `https://localhost:${port}/v1`;
  const { limits, budgets, price } = policies;
  const models = price === undefined ? {} : { models: { "bench-model": { price } } };
  const provider = { kind: "openai-compatible", baseUrl, apiKey: "upstream-key", ...models };
  // No relay beside it turns one kind of answer into the other, so what is compared does not either.
  const routes = names.map((name) => [name, { ...route, assembleWhole: "never" }]);
  return {
    // A machine that others use too must not make it turn calls away: that is another test's matter.
    server: { maxLagMilliseconds: 60_000 },
    providers: { first: provider, second: provider },
    routes: { ...Object.fromEntries(routes), [assembledRoute]: { ...route, assembleWhole: "always" } },
    ...(limits === undefined ? {} : { limits }),
    ...(budgets === undefined ? {} : { budgets }),
    ...(issuer === undefined ? {} : { auth: { jwt: [issuer.settings] } }),
  };
};

const makeObject = async (url: string, kind: string, content: object): Promise<{ readonly key?: string }> => {
  const response = await fetch(`${url}/admin/v1/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  if (!response.ok) throw new Error(`The gateway made none of ${kind}, but answered with ${response.status}.`);
  return (await response.json()) as { key?: string };
};

/** Makes a key as an administrator would, and the team that it belongs to. */
const makeKey = async (url: string, { team }: Policies): Promise<string> => {
  if (team !== undefined) await makeObject(url, "tenants/default/teams", { id: team });
  const { key } = await makeObject(url, "keys", { name: "bench", ...(team === undefined ? {} : { team }) });
  if (key === undefined) throw new Error("The gateway made a key, but did not give it.");
  return key;
};

const routeNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? "bench" : `bench-${index}`));

/** This project, with keys, the ledger, metrics and the log as they are by default. */
export const startGatewaySubject = async (
  upstream: UpstreamAddress,
  program: Program,
  { routes = 1, keys = 1, policies = {}, ...options }: GatewayOptions = {},
): Promise<GatewaySubject> => {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "intellirouter-bench-"));
  const models = routeNames(routes);
  const issuer = policies.credential === "token" ? await makeIssuer(dataFolder) : undefined;
  const command = pinned("subject", commands[program]);
  const storedKeys = keys > 1 ? await makeKeys(dataFolder, keys) : [];
  const gateway = await startGateway({
    dataFolder,
    configuration: configuration(upstream, { names: models, policies, issuer }),
    command: options.descriptors === undefined ? command : withDescriptors(options.descriptors, command),
    ...(upstream.trust === undefined ? {} : { environment: { NODE_EXTRA_CA_CERTS: upstream.trust } }),
  });
  const credentials = async (): Promise<readonly string[]> => {
    if (issuer !== undefined) return [issuer.token];
    return keys === 1 ? [await makeKey(gateway.url, policies)] : storedKeys;
  };
  return {
    name: "gateway",
    destination: {
      ...plainDestination(Number(new URL(gateway.url).port)),
      keys: await credentials(),
      models,
    },
    pids: [gateway.pid],
    startedInMilliseconds: gateway.startedInMilliseconds,
    async stop() {
      try {
        await gateway.stop();
      } finally {
        if (options.dataFolder === undefined) await gateway.dispose();
      }
    },
  };
};
