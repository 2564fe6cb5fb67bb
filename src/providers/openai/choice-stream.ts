import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Chunk, FinishReason } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { knownMessageFields, reasoningOf, thinkingText, unknownFields } from "./decode-message.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { ToolCallStream } from "./tool-call-stream.ts";

/** One choice of a streamed answer. Its finish is held until the stream ends, since deltas may still follow it. */
export class ChoiceStream {
  readonly #provider: string;
  readonly #choice: number;
  readonly #calls: ToolCallStream;
  #finishWord: string | undefined;
  #stopSequence: string | undefined;

  constructor(place: { readonly provider: string; readonly choice: number }) {
    this.#provider = place.provider;
    this.#choice = place.choice;
    this.#calls = new ToolCallStream(place);
  }

  get isFinished(): boolean {
    return this.#finishWord !== undefined;
  }

  push(choice: JsonObject, completionId: string): readonly Chunk[] {
    if (isErrorBody(choice)) throw failureWithin(this.#provider, choice);
    const word = choice["finish_reason"];
    if (typeof word === "string" && word !== "") {
      this.#reason(word);
      this.#finishWord ??= word;
    }
    if (typeof choice["stop_reason"] === "string") this.#stopSequence = choice["stop_reason"];
    const logprobs = choice["logprobs"] ?? undefined;
    if (typeof choice["text"] === "string") return this.#text(choice["text"], logprobs);
    const delta = choice["delta"];
    return isJsonObject(delta) ? this.#delta(delta, { completionId, logprobs }) : [];
  }

  end(): Chunk {
    this.#calls.end();
    const reason = this.#reason(this.#finishWord);
    const stop = this.#stopSequence === undefined ? {} : { stopSequence: this.#stopSequence };
    return { type: "finish", choice: this.#choice, reason, ...stop };
  }

  /** Throws where the word says that the answer was broken off. */
  #reason(word: string | undefined): FinishReason {
    return decodeFinishReason(word, { provider: this.#provider, hasToolCalls: this.#calls.hasCalls });
  }

  #delta(delta: JsonObject, context: { completionId: string; logprobs: JsonValue | undefined }): readonly Chunk[] {
    const chunks: Chunk[] = [];
    const choice = this.#choice;
    const reasoning = reasoningOf(delta);
    if (reasoning !== "") chunks.push({ type: "reasoning", choice, text: reasoning });
    // Log-probabilities stand with the choice and tell of its text, or of its refusal where there is one.
    const { refusal } = delta;
    const isRefusal = typeof refusal === "string" && refusal !== "";
    chunks.push(...this.#content(delta["content"], isRefusal ? undefined : context.logprobs));
    if (isRefusal) chunks.push({ type: "refusal", choice, text: refusal, ...withLogprobs(context.logprobs) });
    for (const call of this.#callsOf(delta)) chunks.push(...this.#calls.push(call, context.completionId));
    const fields = unknownFields(delta, knownMessageFields);
    if (fields !== undefined) chunks.push({ type: "opaque", choice, extra: { dialect: "openai", fields } });
    return chunks;
  }

  #text(text: string, logprobs: JsonValue | undefined): readonly Chunk[] {
    if (text === "" && logprobs === undefined) return [];
    return [{ type: "text", choice: this.#choice, text, ...withLogprobs(logprobs) }];
  }

  #content(content: JsonValue | undefined, logprobs: JsonValue | undefined): readonly Chunk[] {
    if (content === undefined || content === null) return this.#text("", logprobs);
    if (typeof content === "string") return this.#text(content, logprobs);
    if (!Array.isArray(content)) throw malformed(this.#provider, "a delta whose content is neither text nor a list");
    return content.flatMap((part: JsonValue): readonly Chunk[] => {
      if (!isJsonObject(part)) throw malformed(this.#provider, "a content part that is not an object");
      if (part["type"] === "text" && typeof part["text"] === "string") return this.#text(part["text"], undefined);
      const choice = this.#choice;
      if (part["type"] === "thinking") return [{ type: "reasoning", choice, text: thinkingText(part) }];
      return [{ type: "opaque", choice, extra: { dialect: "openai", fields: { content_parts: [part] } } }];
    });
  }

  #callsOf(delta: JsonObject): readonly JsonValue[] {
    const calls = delta["tool_calls"];
    if (Array.isArray(calls)) return calls;
    if (calls !== undefined && calls !== null) throw malformed(this.#provider, "tool calls that are not a list");
    const legacy = delta["function_call"];
    return isJsonObject(legacy) ? [{ index: 0, function: legacy }] : [];
  }
}

const withLogprobs = (logprobs: JsonValue | undefined): { readonly logprobs?: JsonValue } =>
  logprobs === undefined || logprobs === null ? {} : { logprobs };
