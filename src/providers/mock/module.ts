import type { ProviderModule } from "../../core/ports/provider.ts";
import { bearer } from "../credentials.ts";
import { openaiTranslators } from "../openai/kind.ts";
import { openaiQuirks } from "../openai/quirks.ts";
import { mockOptionsOf } from "./options.ts";
import { mockBaseUrl, mockTransport } from "./transport.ts";

/**
 * A provider that answers within the program. Models: `mock-echo`, `mock-llama`, `mock-tools`, `mock-json`,
 * `mock-embed`. Options: `firstTokenMilliseconds`, `tokensPerSecond`, `chunkTokens`, `quiz` {kinds, models, words}: models
 * that are right more or less often. One request steers it by the field
 * `mock` {delayMilliseconds, tokensPerSecond, words, fail: {status, code, afterChunks}, cut: {afterChunks}}. `mock-echo`
 * and `mock-llama` go on with an answer that the last message has begun.
 */
export const mock: ProviderModule = {
  kind: "mock",
  title: "Mock",
  defaultBaseUrl: mockBaseUrl,
  keyVariables: [],
  keyless: true,
  create(settings) {
    const quirks = {
      ...openaiQuirks,
      maxTokensFields: ["max_completion_tokens", "max_tokens"],
      reasoning: "reasoning_content",
      refuses: [],
      toolResultMedia: "accepted",
      fileUrls: "accepted",
      prefill: { mode: "continues", models: /^mock-(echo|llama)$/, reasoners: "refused" },
    } as const;
    const dialogue = { provider: settings.name, baseUrl: mockBaseUrl, headers: settings.headers, quirks };
    return {
      kind: "mock",
      dialect: "openai",
      ...openaiTranslators(dialogue),
      credentials: bearer(settings.apiKeys),
      transport: mockTransport(mockOptionsOf(settings)),
    };
  },
};
