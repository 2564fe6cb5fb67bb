import { GatewayError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import type { AnswerContext, StreamEncoder } from "../codec.ts";
import { writeEvent } from "./block-sequence.ts";
import { nativeFields } from "./encode-messages-reply.ts";
import { encodeAnthropicError } from "./errors.ts";
import { emptyMessage, encodeStop, encodeUsage, estimateUsage, messageId, wholeUsage } from "./reply-shape.ts";
import { openStreamBlocks } from "./stream-blocks.ts";

/**
 * Writes a stream as Anthropic's server-sent events: of several choices the first. `encodeBatch` throws GatewayError
 * `upstream_invalid_response` where a tool call's arguments are not a JSON object, `finish` where the answer never said
 * that it was finished.
 */
export const openMessagesStream = (context: AnswerContext<"chat">): StreamEncoder<Chunk> => {
  let text = "";
  const write = (event: string) => {
    text += event;
  };
  const take = (): string => {
    const taken = text;
    text = "";
    return taken;
  };
  const blocks = openStreamBlocks(write);
  let isStarted = false;
  let hasRefusal = false;
  let finished: Extract<Chunk, { type: "finish" }> | undefined;
  let usage: Usage | undefined;
  let delivered = 0;
  let endFields: JsonObject = {};

  const start = (chunk: Extract<Chunk, { type: "start" }>) => {
    // Another upstream may take over in the middle of an answer; the message has begun by then.
    if (isStarted) return;
    isStarted = true;
    const message = {
      ...emptyMessage(messageId(chunk.id, context.callId), chunk.model || context.model),
      ...nativeFields(chunk.extra),
      content: [],
      usage: wholeUsage(undefined),
    };
    write(writeEvent("message_start", { message }));
  };
  const content = (chunk: Exclude<Chunk, { type: "start" | "usage" }>) => {
    if ("text" in chunk) delivered += chunk.text.length;
    if ("arguments" in chunk) delivered += chunk.arguments.length;
    switch (chunk.type) {
      case "refusal":
        hasRefusal ||= chunk.text !== "";
        return blocks.prose("refusal", chunk.text);
      case "text":
        return blocks.prose("text", chunk.text);
      case "reasoning":
        return blocks.reasoning(chunk.text, chunk.providerData?.anthropic ?? {});
      case "toolCall":
        return blocks.toolCall(chunk);
      case "opaque": {
        const fields = nativeFields(chunk.extra);
        if (typeof fields["type"] === "string") blocks.native(fields);
        else endFields = { ...endFields, ...fields };
        return;
      }
      case "finish":
        finished = chunk;
        return blocks.close(chunk.reason);
    }
  };
  const encode = (chunk: Chunk) => {
    if (chunk.type === "start") start(chunk);
    else if (chunk.type === "usage") usage = chunk.usage;
    else if (chunk.choice === 0) content(chunk);
  };

  return {
    encodeBatch(chunks) {
      for (const chunk of chunks) encode(chunk);
      return take();
    },
    finish() {
      if (!isStarted || finished === undefined)
        throw new GatewayError("upstream_invalid_response", "The upstream's answer ended without saying why.");
      const { reason, stopSequence } = finished;
      blocks.close(reason);
      const ending = encodeStop({ reason, stopSequence, hasToolCalls: blocks.hasToolCalls, hasRefusal });
      write(
        writeEvent("message_delta", {
          delta: { ...ending, container: null, ...endFields },
          usage: encodeUsage(usage ?? estimateUsage(context.request, delivered)),
        }),
      );
      write(writeEvent("message_stop", {}));
      return take();
    },
    // What was encoded before the failure goes out first.
    fail: (error) =>
      `${take()}event: error\ndata: ${JSON.stringify(encodeAnthropicError(error, context.callId).body)}\n\n`,
  };
};
