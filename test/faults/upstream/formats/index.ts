import type { UpstreamDialect } from "../asked.ts";
import type { WireFormat } from "../wire-format.ts";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";

export const formats: Readonly<Record<UpstreamDialect, WireFormat>> = { openai, anthropic, gemini, ollama };
