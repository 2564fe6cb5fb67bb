import { GrowingText } from "../../core/growing-text.ts";
import type { Chunk } from "../../core/reply.ts";

export interface DeliveredCall {
  readonly name: string;
  readonly arguments: string;
}

/** What of an answer has gone out to the client: what a continuation must join on to. */
export class Transcript {
  readonly #text = new GrowingText();
  refusal = "";
  readonly calls: DeliveredCall[] = [];
  hasReasoning = false;
  /** Parts that only one dialect understands, or a second choice: nothing can be joined on to them. */
  isOpaque = false;
  isFinished = false;
  /** The chunk that the client's stream began with. */
  start: (Chunk & { type: "start" }) | undefined;

  get text(): string {
    return this.#text.toString();
  }

  note(batch: readonly Chunk[]): void {
    for (const chunk of batch) this.#noteOne(chunk);
  }

  /** Forgets the answer: another one begins. */
  restart(): void {
    this.#text.clear();
    this.refusal = "";
    this.calls.length = 0;
    this.hasReasoning = false;
  }

  get isEmpty(): boolean {
    return this.#text.length === 0 && this.refusal === "" && this.calls.length === 0;
  }

  #noteOne(chunk: Chunk): void {
    if ("choice" in chunk && chunk.choice !== 0) this.isOpaque = true;
    switch (chunk.type) {
      case "start":
        this.start ??= chunk;
        return;
      case "text":
        this.#text.add(chunk.text);
        return;
      case "refusal":
        this.refusal += chunk.text;
        return;
      case "reasoning":
        this.hasReasoning = true;
        return;
      case "toolCall": {
        const before = this.calls[chunk.toolIndex];
        this.calls[chunk.toolIndex] = {
          name: before?.name ?? chunk.name ?? "",
          arguments: (before?.arguments ?? "") + chunk.arguments,
        };
        return;
      }
      case "opaque":
        this.isOpaque = true;
        return;
      case "finish":
        this.isFinished = true;
        return;
      case "restart":
        this.restart();
        return;
      case "usage":
        return;
    }
  }
}
