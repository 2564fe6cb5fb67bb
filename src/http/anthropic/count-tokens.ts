import type { ChatRequest } from "../../core/chat.ts";
import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { JsonObject } from "../../core/json.ts";

/** The reply to `POST /v1/messages/count_tokens`: an estimate, since the route may lead to any provider. */
export const countTokens = (request: ChatRequest): JsonObject => ({ input_tokens: estimateInputTokens(request) });
