import type { ProviderModule } from "../core/ports/provider.ts";
import { anthropic } from "./anthropic/module.ts";
import { cohere } from "./cohere/module.ts";
import { gemini } from "./gemini/module.ts";
import { mock } from "./mock/module.ts";
import { ollama } from "./ollama/module.ts";
import { openai } from "./openai/module.ts";
import { openaiCompatible } from "./openai-compatible/table.ts";

/** Every kind of provider, by the name that stands under `kind`. */
export const providerModules: readonly ProviderModule[] = [
  openai,
  ...openaiCompatible,
  anthropic,
  gemini,
  ollama,
  cohere,
  mock,
];
