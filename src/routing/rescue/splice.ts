import { type Chunk, isContent } from "../../core/reply.ts";
import type { DeliveredCall } from "./transcript.ts";

/** The new answer is not a continuation of what was delivered. `begun` is all that came of it. */
export class Diverged extends Error {
  override readonly name = "Diverged";
  constructor(readonly begun: readonly Chunk[]) {
    super("The new answer differs from what was delivered.");
  }
}

export interface Expected {
  /** Whether the new answer may reason before it comes to what was delivered; one that was given its beginning may not. */
  readonly mayReason: boolean;
  readonly text: string;
  readonly refusal: string;
  readonly calls: readonly DeliveredCall[];
}

/** Takes the delivered beginning off a new answer, so that what is left joins on to it character for character. */
export interface Splice {
  /** What goes on to the client. Throws {@link Diverged}. */
  push(batch: readonly Chunk[]): readonly Chunk[];
}

/** How much of the beginning of `text` stands at the beginning of `rest`: all that both have, or nothing at all. */
const consume = (rest: string, text: string): number | undefined => {
  const length = Math.min(rest.length, text.length);
  return rest.startsWith(text.slice(0, length)) ? length : undefined;
};

/**
 * A splice for one new answer. Reasoning is not delivered again; a tool call that was delivered keeps its id, and must
 * come again with the same name and arguments that begin alike.
 */
export const openSplice = (expected: Expected): Splice => {
  let text = expected.text;
  let refusal = expected.refusal;
  const calls = expected.calls.map((call) => ({ ...call, isNamed: false }));
  // All of the new answer, for as long as it may still turn out to be another one.
  const begun: Chunk[] = [];
  let isJoined = false;
  const isConsumed = (): boolean =>
    text === "" && refusal === "" && calls.every((call) => call.isNamed && call.arguments === "");
  const diverge = (): never => {
    throw new Diverged(begun);
  };

  const prose = (chunk: Chunk & { type: "text" | "refusal" }): readonly Chunk[] => {
    const rest = chunk.type === "text" ? text : refusal;
    const length = consume(rest, chunk.text) ?? diverge();
    if (chunk.type === "text") text = rest.slice(length);
    else refusal = rest.slice(length);
    if (length === 0) return [chunk];
    const remainder = chunk.text.slice(length);
    // Log-probabilities of a token that was delivered in part belong to the part.
    return remainder === "" ? [] : [{ type: chunk.type, choice: chunk.choice, text: remainder }];
  };

  const toolCall = (chunk: Chunk & { type: "toolCall" }): readonly Chunk[] => {
    const call = calls[chunk.toolIndex];
    if (call === undefined) return [chunk];
    if (!call.isNamed && chunk.name !== undefined) {
      if (chunk.name !== call.name) diverge();
      call.isNamed = true;
    }
    const length = consume(call.arguments, chunk.arguments) ?? diverge();
    call.arguments = call.arguments.slice(length);
    const remainder = chunk.arguments.slice(length);
    const { choice, toolIndex } = chunk;
    return remainder === "" ? [] : [{ type: "toolCall", choice, toolIndex, arguments: remainder }];
  };

  const one = (chunk: Chunk): readonly Chunk[] => {
    switch (chunk.type) {
      case "text":
      case "refusal":
        return prose(chunk);
      case "toolCall":
        return toolCall(chunk);
      case "reasoning":
        return expected.mayReason || isJoined || chunk.text === "" ? [] : diverge();
      case "finish":
        return isConsumed() ? [chunk] : diverge();
      case "opaque":
        return isConsumed() ? [chunk] : [];
      default:
        return [chunk];
    }
  };
  return {
    push(batch) {
      if (isJoined) return batch.flatMap(one);
      begun.push(...batch);
      const joined = batch.flatMap(one);
      isJoined = isConsumed() && joined.some(isContent);
      if (isJoined) begun.length = 0;
      return joined;
    },
  };
};
