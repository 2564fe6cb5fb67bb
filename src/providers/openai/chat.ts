import type { Translator } from "../../core/ports/provider.ts";
import { postJson } from "../request.ts";
import { decodeCompletion } from "./decode-chat.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { decodeError } from "./errors.ts";
import { chatObstacles } from "./obstacles.ts";
import { prefillMode } from "./prefill.ts";
import type { Dialogue } from "./quirks.ts";
import { isReusable, reuseWire } from "./reuse-wire.ts";
import { OpenaiStream } from "./stream.ts";

/** Chat ("Create chat completion", OpenAI API reference) for any server of this wire format. */
export const openaiChat = (dialogue: Dialogue): Translator<"chat"> => ({
  unsupported: (request, target) => chatObstacles(request, target, dialogue.quirks),
  encode(request, target, wire) {
    const body = isReusable(wire, request, dialogue.quirks)
      ? reuseWire(wire, target, dialogue.quirks)
      : encodeChatBody(request, target, dialogue.quirks);
    return postJson(`${dialogue.baseUrl}/chat/completions`, body, dialogue.headers);
  },
  decode: (body) => decodeCompletion(body, dialogue),
  framing: "sse",
  prefill: (request, target) => prefillMode(request, target, dialogue),
  openStream: (request) => new OpenaiStream(dialogue, request.n === undefined ? {} : { n: request.n }),
  decodeError,
});
