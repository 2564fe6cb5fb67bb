import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { Codec } from "../codec.ts";
import { encodeMessagesReply } from "./encode-messages-reply.ts";
import { encodeAnthropicError } from "./errors.ts";
import { openMessagesStream } from "./messages-stream.ts";
import { parseMessagesRequest } from "./parse-messages-request.ts";

/** `POST /v1/messages`. */
export const messagesCodec: Codec<"chat"> = {
  operation: "chat",
  dialect: "anthropic",
  parse: parseMessagesRequest,
  estimateInputTokens,
  encodeWhole: (completion, context) => JSON.stringify(encodeMessagesReply(completion, context)),
  openStream: openMessagesStream,
  encodeError(error, requestId) {
    const { status, body } = encodeAnthropicError(error, requestId);
    return { status, body: JSON.stringify(body) };
  },
};
