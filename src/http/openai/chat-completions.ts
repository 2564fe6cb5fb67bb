import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { Codec } from "../codec.ts";
import { openChatStream } from "./chat-stream.ts";
import { encodeChatReply } from "./encode-chat-reply.ts";
import { encodeOpenAiError } from "./errors.ts";
import { parseChatRequest } from "./parse-chat-request.ts";

/** `POST /v1/chat/completions`. */
export const chatCodec: Codec<"chat"> = {
  operation: "chat",
  dialect: "openai",
  parse: parseChatRequest,
  estimateInputTokens,
  encodeWhole: encodeChatReply,
  openStream: openChatStream,
  encodeError: encodeOpenAiError,
};
