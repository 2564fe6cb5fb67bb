import type { OpenaiKind } from "../openai/kind.ts";
import type { Prefill } from "../openai/prefill.ts";

/** What servers that run open models have in common. */
const ownServer = {
  maxTokensFields: ["max_tokens", "max_completion_tokens"],
  refuses: [],
  fileUrls: "refused",
  refusals: "unknown",
  // Most chat templates know no other instructions than the system's.
  developerRole: "unknown",
} as const;

/**
 * "Chat API: extra parameters", vLLM documentation. The beginning is asked back, since version 0.6.3 repeats it in any
 * case; a server that knows none of these fields is found out by its not repeating it.
 */
const vllmPrefill: Prefill = {
  mode: "echoes",
  requestFields: { continue_final_message: true, add_generation_prompt: false, echo: true },
  reasoners: "unsafe",
};

/** Servers of one's own: they need no key, and read more than OpenAI does. */
export const servers: readonly OpenaiKind[] = [
  {
    // "OpenAI-Compatible Server" and "Reasoning Outputs", vLLM documentation.
    kind: "vllm",
    title: "vLLM",
    defaultBaseUrl: "http://127.0.0.1:8000/v1",
    keyVariables: ["VLLM_API_KEY", "EXTERNAL_VLLM_KEY"],
    keyless: true,
    quirks: { ...ownServer, reasoning: "reasoning", toolResultMedia: "accepted", prefill: vllmPrefill },
  },
  {
    // A gateway in front of vLLM; its address is the cluster's own.
    kind: "llmd",
    title: "llm-d",
    keyVariables: ["LLMD_API_KEY", "EXTERNAL_LLMD_KEY"],
    keyless: true,
    quirks: { ...ownServer, reasoning: "reasoning", toolResultMedia: "accepted", prefill: vllmPrefill },
  },
  {
    // "LLaMA.cpp HTTP Server", README of the server.
    kind: "llamacpp",
    title: "llama.cpp server",
    defaultBaseUrl: "http://127.0.0.1:8080/v1",
    keyVariables: ["LLAMA_API_KEY", "EXTERNAL_LLAMACPP_KEY"],
    keyless: true,
    quirks: {
      ...ownServer,
      reasoning: "reasoning_content",
      // `--prefill-assistant`, on by default. Whole answers repeat the beginning or not, as the version has it; streams
      // never do.
      prefill: { mode: "continues", streamedOnly: true, reasoners: "refused" },
    },
  },
  {
    // "OpenAI Compatibility Endpoints" and "Structured Output", LM Studio documentation: JSON only by schema.
    kind: "lmstudio",
    title: "LM Studio",
    defaultBaseUrl: "http://127.0.0.1:1234/v1",
    keyVariables: ["LM_STUDIO_API_KEY", "EXTERNAL_LMSTUDIO_KEY"],
    keyless: true,
    quirks: {
      ...ownServer,
      maxTokensFields: ["max_tokens"],
      reasoning: "reasoning_content",
      responseFormats: ["schema"],
      maxChoices: 1,
      tokenInputs: "refused",
    },
  },
  {
    kind: "openai-compatible",
    title: "Any server of OpenAI's wire format",
    keyVariables: ["OPENAI_COMPATIBLE_API_KEY", "EXTERNAL_OPENAI_COMPATIBLE_KEY"],
    keyless: true,
    quirks: { ...ownServer, toolResultMedia: "accepted", reasoning: "reasoning_content" },
  },
];
