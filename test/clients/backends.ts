import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { startAnthropicUpstream } from "../support/upstream-anthropic.ts";
import { startCohereUpstream } from "../support/upstream-cohere.ts";
import { startGeminiUpstream } from "../support/upstream-gemini.ts";
import { startOllamaUpstream } from "../support/upstream-ollama.ts";
import { startOpenaiUpstream } from "../support/upstream-openai.ts";
import type { FakeUpstream } from "../support/upstream-server.ts";

/** The wire formats that answer behind the gateway, and the mock within it. */
export const backendNames = ["mock", "openai", "anthropic", "gemini", "ollama", "cohere"] as const;
export type BackendName = (typeof backendNames)[number];

export interface Backend {
  /** For text and, where the model is steered by nothing else, for everything. */
  readonly model: string;
  readonly toolModel: string;
  readonly jsonModel: string;
  readonly imageModel: string;
  /** Null where the provider has no embeddings. */
  readonly embeddingModel: string | null;
  /** Null where nothing leaves the program. */
  readonly upstream: FakeUpstream | null;
}

export interface Backends {
  readonly gateway: RunningGateway;
  of(name: BackendName): Backend;
  /** The fake provider of a backend. Throws where it has none. */
  upstream(name: BackendName): FakeUpstream;
  /** The gateway and the providers. */
  stop(): Promise<void>;
}

interface Fake {
  readonly start: () => FakeUpstream;
  /** Below the upstream's address. */
  readonly path: string;
  readonly model: string;
  readonly embeddingModel: string | null;
  /** Where the first model takes no images. */
  readonly imageModel?: string;
}

const fakes: Readonly<Record<Exclude<BackendName, "mock">, Fake>> = {
  openai: {
    start: startOpenaiUpstream,
    path: "/v1",
    model: "gpt-4.1-mini",
    embeddingModel: "text-embedding-3-small",
  },
  anthropic: { start: startAnthropicUpstream, path: "", model: "claude-sonnet-4-5", embeddingModel: null },
  gemini: {
    start: startGeminiUpstream,
    path: "/v1beta",
    model: "gemini-2.5-flash",
    embeddingModel: "gemini-embedding-001",
  },
  ollama: { start: startOllamaUpstream, path: "", model: "llama3.2", embeddingModel: "nomic-embed-text" },
  cohere: {
    start: startCohereUpstream,
    path: "",
    model: "command-a-03-2025",
    embeddingModel: "embed-v4.0",
    imageModel: "command-a-vision-07-2025",
  },
};

const mock: Backend = {
  model: "mock/mock-echo",
  toolModel: "mock/mock-tools",
  jsonModel: "mock/mock-json",
  imageModel: "mock/mock-echo",
  embeddingModel: "mock/mock-embed",
  upstream: null,
};

/** The key that the providers are given: it must never come back to a client. */
export const upstreamKey = "key-of-the-upstream";

/** The real program with the mock and one fake provider for each wire format behind it. */
export const startBackends = async (
  configuration: { readonly providers?: object; readonly routes?: object } = {},
): Promise<Backends> => {
  const running = Object.entries(fakes).map(([name, fake]) => ({ name, fake, upstream: fake.start() }));
  const providers = Object.fromEntries(
    running.map(({ name, fake, upstream }) => [
      name,
      { kind: name, baseUrl: `${upstream.url}${fake.path}`, apiKey: upstreamKey },
    ]),
  );
  const gateway = await startGateway({
    configuration: {
      ...configuration,
      providers: { ...providers, ...configuration.providers },
      discovery: { mock: true },
    },
  });
  const backends = new Map<string, Backend>(
    running.map(({ name, fake, upstream }) => {
      const model = `${name}/${fake.model}`;
      const embeddingModel = fake.embeddingModel === null ? null : `${name}/${fake.embeddingModel}`;
      const imageModel = `${name}/${fake.imageModel ?? fake.model}`;
      return [name, { model, toolModel: model, jsonModel: model, imageModel, embeddingModel, upstream }];
    }),
  );
  const of = (name: BackendName): Backend => backends.get(name) ?? mock;
  return {
    gateway,
    of,
    upstream(name) {
      const { upstream } = of(name);
      if (upstream === null) throw new Error(`${name} has no upstream`);
      return upstream;
    },
    async stop() {
      await gateway.stop();
      await gateway.dispose();
      await Promise.all(running.map(({ upstream }) => upstream.stop()));
    },
  };
};
