import type { ChatRequest } from "../../core/chat.ts";
import type { Target } from "../../core/model.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import { isContinuable, offersTools } from "../prefill.ts";
import { asksToReason } from "../reasoning.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Nothing is known of Ollama itself: whether a last assistant message is gone on with hangs on each model's template, and
 * many of them close it and begin another (template/*.gotmpl in Ollama's source). So the user must have said it.
 */
export const prefillMode = (request: ChatRequest, target: Target, { prefill }: Endpoint): PrefillMode | undefined => {
  if (prefill === undefined || prefill === "off" || target.facts.reasoning === true) return undefined;
  return isContinuable(request) && !offersTools(request) && !asksToReason(request) ? prefill : undefined;
};
