import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider, ProviderModule } from "../../src/core/ports/provider.ts";
import type { Transport } from "../../src/core/ports/transport.ts";
import { providerModules } from "../../src/providers/index.ts";

const recording = (path: string): Uint8Array => readFileSync(join(import.meta.dirname, "../../src/providers", path));

/** What each kind answers, whatever it is asked. */
const answers: Readonly<Record<string, { readonly whole: Uint8Array; readonly stream: Uint8Array }>> = {
  openai: {
    whole: readFileSync(join(import.meta.dirname, "../conformance/fixtures/chat-reply.json")),
    stream: recording("openai/fixtures/text.sse"),
  },
  anthropic: {
    whole: recording("anthropic/fixtures/message-tools-thinking.json"),
    stream: recording("anthropic/fixtures/stream-tools-thinking.sse"),
  },
  gemini: { whole: recording("gemini/fixtures/whole.json"), stream: recording("gemini/fixtures/tools.sse") },
  ollama: { whole: recording("ollama/fixtures/whole.json"), stream: recording("ollama/fixtures/tools.ndjson") },
  cohere: {
    whole: recording("cohere/fixtures/chat-tools.json"),
    stream: recording("cohere/fixtures/stream-tools.sse"),
  },
};

/** A request that is not JSON in Unicode would be refused by any provider: our fault, so it is thrown. */
const checkBody = (body: string | undefined): void => {
  if (body === undefined) return;
  JSON.parse(body);
  if (body.includes("[object ")) throw new Error("an object was written as text");
};

const cannedTransport = (kind: string): Transport => ({
  async send({ url, body }) {
    checkBody(body);
    const isStream = url.includes("streamGenerateContent") || (body ?? "").includes('"stream":true');
    const bytes = answers[kind]?.[isStream ? "stream" : "whole"] ?? new Uint8Array();
    return {
      status: 200,
      headers: new Headers({ "content-type": "application/json" }),
      body: (async function* () {
        yield bytes;
      })(),
    };
  },
});

const canned = (module: ProviderModule): ProviderModule => ({
  ...module,
  create: (settings): Provider => ({ ...module.create(settings), transport: cannedTransport(module.kind) }),
});

/** The mock as it is, and one provider of each dialect that answers from a recording. */
export const cannedModules: readonly ProviderModule[] = providerModules
  .filter(({ kind }) => kind === "mock" || Object.hasOwn(answers, kind))
  .map((module) => (module.kind === "mock" ? module : canned(module)));
