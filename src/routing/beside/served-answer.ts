import { type Batches, type BatchFlow, type BatchIterator, type BatchSink, drainBatches } from "../../core/batches.ts";
import type { Reply } from "../../core/call.ts";
import { GrowingText } from "../../core/growing-text.ts";
import type { Chunk, Completion } from "../../core/reply.ts";

/** Characters. Longer answers are compared with nothing. */
const mostText = 100_000;

/** The text of the first choice; undefined where it calls tools, or is none that can be compared. */
export const answerOf = ({ choices }: Pick<Completion, "choices">): string | undefined => {
  const [first] = choices;
  if (first === undefined || first.content.some(({ type }) => type === "toolCall" || type === "opaque"))
    return undefined;
  const text = first.content.map((part) => (part.type === "text" ? part.text : "")).join("");
  return text === "" || text.length > mostText ? undefined : text;
};

/** Passes batches on, and shows each of them. */
class Overheard implements BatchIterator<Chunk> {
  readonly #source: BatchIterator<Chunk>;
  readonly #hear: (batch: readonly Chunk[]) => void;

  constructor(source: BatchIterator<Chunk>, hear: (batch: readonly Chunk[]) => void) {
    this.#source = source;
    this.#hear = hear;
  }

  async next(): Promise<IteratorResult<readonly Chunk[]>> {
    const step = await this.#source.next();
    if (!step.done) this.#hear(step.value);
    return step;
  }

  async return(): Promise<IteratorResult<readonly Chunk[]>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  drainTo(sink: BatchSink<Chunk>): BatchFlow {
    return drainBatches(this.#source, {
      push: (batch) => {
        this.#hear(batch);
        return sink.push(batch);
      },
      end: () => sink.end(),
      fail: (thrown) => sink.fail(thrown),
    });
  }
}

/** The answer that a client gets, heard on its way; kept in memory only. */
export class ServedAnswer {
  #completion: Completion | undefined;
  #text = new GrowingText();
  #isComparable = true;

  /** The same reply. */
  hear(reply: Reply): Reply {
    if (reply.kind === "whole") {
      this.#completion = reply.value as Completion;
      return reply;
    }
    const batches = reply.batches as Batches<Chunk>;
    const overheard: Batches<Chunk> = {
      [Symbol.asyncIterator]: () =>
        new Overheard(batches[Symbol.asyncIterator](), (batch) => {
          for (const chunk of batch) this.#hearChunk(chunk);
        }),
    };
    return { kind: "stream", batches: overheard } as Reply;
  }

  /** Once the call is over. Undefined as {@link answerOf}. */
  get text(): string | undefined {
    if (this.#completion !== undefined) return answerOf(this.#completion);
    return this.#isComparable && this.#text.length > 0 ? this.#text.toString() : undefined;
  }

  /** Kept in memory, about, without looking into a whole answer. */
  get bytes(): number {
    return this.#text.length * 2 + 16_384;
  }

  #hearChunk(chunk: Chunk): void {
    if (chunk.type === "toolCall" || chunk.type === "opaque") this.#isComparable = false;
    else if (chunk.type === "restart" && chunk.choice === 0) this.#text = new GrowingText();
    else if (chunk.type === "text" && chunk.choice === 0 && this.#isComparable) {
      this.#text.add(chunk.text);
      if (this.#text.length <= mostText) return;
      this.#isComparable = false;
      this.#text = new GrowingText();
    }
  }
}
