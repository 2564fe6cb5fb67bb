import type { Dialect } from "../../core/chat.ts";
import { anthropic } from "./anthropic.ts";
import { cohere } from "./cohere.ts";
import { gemini } from "./gemini.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import type { WireFormat } from "./wire-format.ts";

/** Every wire format that a provider may speak. */
export const formats: Readonly<Record<Dialect, WireFormat>> = { openai, anthropic, gemini, ollama, cohere };
