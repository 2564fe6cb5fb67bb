import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGateway } from "../../test/support/start-gateway.ts";
import { withDescriptors } from "../system/limits.ts";
import { pinned } from "../system/machine.ts";
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

const configuration = ({ port, trust }: UpstreamAddress, names: readonly string[]) => {
  const baseUrl = trust === undefined ? `http://127.0.0.1:${port}/v1` : `https://localhost:${port}/v1`;
  const provider = { kind: "openai-compatible", baseUrl, apiKey: "upstream-key" };
  // No relay beside it turns one kind of answer into the other, so what is compared does not either.
  const routes = names.map((name) => [name, { ...route, assembleWhole: "never" }]);
  return {
    // A machine that others use too must not make it turn calls away: that is another test's matter.
    server: { maxLagMilliseconds: 60_000 },
    providers: { first: provider, second: provider },
    routes: { ...Object.fromEntries(routes), [assembledRoute]: { ...route, assembleWhole: "always" } },
  };
};

/** Makes a key as an administrator would. */
const makeKey = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/admin/v1/keys`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "bench" }),
  });
  const { key } = (await response.json()) as { key?: string };
  if (key === undefined) throw new Error(`The gateway made no key, but answered with ${response.status}.`);
  return key;
};

const routeNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? "bench" : `bench-${index}`));

/** This project, with keys, the ledger, metrics and the log as they are by default. */
export const startGatewaySubject = async (
  upstream: UpstreamAddress,
  program: Program,
  { routes = 1, keys = 1, ...options }: GatewayOptions = {},
): Promise<GatewaySubject> => {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), "intellirouter-bench-"));
  const models = routeNames(routes);
  const command = pinned("subject", commands[program]);
  const storedKeys = keys > 1 ? await makeKeys(dataFolder, keys) : [];
  const gateway = await startGateway({
    dataFolder,
    configuration: configuration(upstream, models),
    command: options.descriptors === undefined ? command : withDescriptors(options.descriptors, command),
    ...(upstream.trust === undefined ? {} : { environment: { NODE_EXTRA_CA_CERTS: upstream.trust } }),
  });
  return {
    name: "gateway",
    destination: {
      ...plainDestination(Number(new URL(gateway.url).port)),
      keys: keys === 1 ? [await makeKey(gateway.url)] : storedKeys,
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
