import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { Frame, StreamDecoder } from "../../core/ports/provider.ts";
import type { Chunk } from "../../core/reply.ts";
import type { Usage } from "../../core/usage.ts";
import { malformed } from "../upstream-error.ts";
import { ChoiceStream } from "./choice-stream.ts";
import { type PlainDelta, plainDelta } from "./conforming.ts";
import { choiceIndex, decodeHead } from "./decode-chat.ts";
import { failureWithin, isErrorBody } from "./errors.ts";
import { PlainFrames } from "./plain-frames.ts";
import type { Dialogue } from "./quirks.ts";
import { usageOf } from "./usage.ts";

/** OpenAI gives at most 128 choices; a bound on what a hostile upstream can take. */
const maxChoices = 128;

const plainChunk = (
  { choice, text }: PlainDelta,
  { hasUsage, line }: { readonly hasUsage: boolean; readonly line: string },
): readonly Chunk[] => [{ type: "text", choice, text, asSent: { dialect: "openai", hasUsage, text: line } }];

/**
 * Decodes a streamed answer, of a chat or of a text completion ("The chat completion chunk object", OpenAI API
 * reference). It is complete at `[DONE]`, or, since some servers leave that out, when the body ends after every choice
 * that was asked for has had its finish reason.
 */
export class OpenaiStream implements StreamDecoder<Chunk> {
  readonly #dialogue: Dialogue;
  readonly #expectedChoices: number;
  readonly #choices = new Map<number, ChoiceStream>();
  #id: string | undefined;
  #head: { readonly created: number; readonly model: string } | undefined;
  #usage: Usage | undefined;
  readonly #frames = new PlainFrames();
  /** Of the frames that are known by their form. */
  #plainChoice = 0;
  #plainHasUsage = false;
  #ended = false;

  constructor(dialogue: Dialogue, request: { readonly n?: number }) {
    this.#dialogue = dialogue;
    this.#expectedChoices = request.n ?? 1;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(frame: Frame): readonly Chunk[] {
    if (this.#ended) return [];
    const text = frame.event === "" ? this.#frames.read(frame.data) : undefined;
    if (text !== undefined) {
      const { data: line } = frame;
      return plainChunk({ choice: this.#plainChoice, text }, { hasUsage: this.#plainHasUsage, line });
    }
    if (frame.data.trim() === "[DONE]") return this.#close();
    const { provider, quirks } = this.#dialogue;
    const body = parseJson(frame.data);
    if (frame.event === "error") throw failureWithin(provider, body ?? frame.data);
    if (!isJsonObject(body)) throw malformed(provider, "a frame that is not a JSON object");
    const groq = body["x_groq"];
    // Groq ends a stream that failed with the reason there.
    const failure = isJsonObject(groq) && typeof groq["error"] === "string" ? groq : body;
    if (isErrorBody(failure)) throw failureWithin(provider, failure);
    // Some servers count on every frame: the last count is the whole.
    this.#usage = usageOf(body, quirks) ?? this.#usage;
    const plain = this.#plain(body, frame.data);
    if (plain !== undefined) return plain;
    const { choices } = body;
    if (choices === undefined || choices === null) return [];
    if (!Array.isArray(choices)) throw malformed(provider, "choices that are not a list");
    if (choices.length === 0) return [];
    return [...this.#start(body), ...choices.flatMap((choice, position) => this.#choice(choice, position))];
  }

  end(): readonly Chunk[] {
    if (this.#ended) return [];
    const finished = [...this.#choices.values()].filter(({ isFinished }) => isFinished).length;
    if (finished < this.#choices.size || finished < this.#expectedChoices)
      throw malformed(this.#dialogue.provider, "a stream that ended before its answer was finished");
    return this.#close();
  }

  /** Nearly every frame is one: a piece of text, in the schema's form, under the head that the first one had. */
  #plain(body: JsonObject, text: string): readonly Chunk[] | undefined {
    if (this.#head === undefined || body["id"] !== this.#id) return undefined;
    const delta = plainDelta(body);
    if (delta === undefined || !this.#choices.has(delta.choice)) return undefined;
    if (body["created"] !== this.#head.created || body["model"] !== this.#head.model) return undefined;
    // An event may have several lines; as one it would be another.
    const line = text.includes("\n") ? text.replaceAll("\n", " ") : text;
    const hasUsage = body["usage"] === null;
    this.#plainChoice = delta.choice;
    this.#plainHasUsage = hasUsage;
    this.#frames.learn(line, delta.text);
    return plainChunk(delta, { hasUsage, line });
  }

  #start(body: JsonObject): readonly Chunk[] {
    if (this.#id !== undefined) return [];
    const head = decodeHead(body);
    this.#id = head.id;
    this.#head = head;
    return [{ type: "start", ...head }];
  }

  #choice(choice: JsonValue, position: number): readonly Chunk[] {
    const { provider } = this.#dialogue;
    if (!isJsonObject(choice)) throw malformed(provider, "a choice that is not an object");
    const index = choiceIndex(choice, position);
    if (index >= maxChoices) throw malformed(provider, `a choice with an index of ${maxChoices} or more`);
    let stream = this.#choices.get(index);
    if (stream === undefined) {
      stream = new ChoiceStream({ provider, choice: index });
      this.#choices.set(index, stream);
    }
    return stream.push(choice, this.#id ?? "");
  }

  #close(): readonly Chunk[] {
    if (this.#choices.size === 0) throw malformed(this.#dialogue.provider, "a stream without choices");
    const inOrder = [...this.#choices].sort(([left], [right]) => left - right);
    const chunks: Chunk[] = inOrder.map(([, choice]) => choice.end());
    this.#ended = true;
    return this.#usage === undefined ? chunks : [...chunks, { type: "usage", usage: this.#usage }];
  }
}
