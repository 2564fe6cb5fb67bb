import { CliError } from "../../cli-error.ts";
import type { ApiClient } from "../../connect.ts";
import type { CliContext } from "../../context.ts";
import { type Answer, askStreaming, askWhole, type Message } from "./answer.ts";
import { findCost, summarise } from "./summary.ts";
import { openWriter } from "./writer.ts";

export interface Turn {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly stream: boolean;
  readonly reasoning: "shown" | "hidden";
}

export const interrupted = (): CliError => new CliError("interrupted", "interrupted", "Interrupted.");

const warnIfCut = ({ finishReason }: Answer, { note, style }: CliContext): void => {
  const reasons: Readonly<Record<string, string>> = {
    length: "The answer was cut at the longest length that the model may give.",
    content_filter: "The provider's content filter ended the answer.",
  };
  const reason = reasons[finishReason ?? ""];
  if (reason !== undefined) note(style("yellow", reason));
};

/**
 * Asks once and shows the answer. Ctrl-C ends the answer: what has come of it is returned, and `isWhole` is false.
 */
export const takeTurn = async (
  client: ApiClient,
  turn: Turn,
  context: CliContext,
): Promise<{ readonly text: string; readonly isWhole: boolean }> => {
  const { system, options, note, style } = context;
  const writer = openWriter(context, { reasoning: turn.reasoning });
  const abort = new AbortController();
  const interruption = system.onInterrupt(() => abort.abort());
  const began = system.now();
  let text = "";
  const listener = {
    reasoning: writer.reasoning,
    text: (piece: string) => {
      text += piece;
      writer.text(piece);
    },
  };
  const question = { model: turn.model, messages: turn.messages, signal: abort.signal };
  const ask = async (): Promise<Answer> => {
    if (turn.stream) return askStreaming(client, question, listener);
    const answer = await askWhole(client, question);
    listener.reasoning(answer.reasoning);
    listener.text(answer.text);
    return answer;
  };
  try {
    const answer = await ask().finally(writer.end);
    warnIfCut(answer, context);
    if (options.verbose === true) {
      const milliseconds = system.now() - began;
      const costUsd = await findCost(client, answer, context);
      note(style("dim", summarise(answer, { milliseconds, costUsd })));
    }
    return { text, isWhole: true };
  } catch (error) {
    if (abort.signal.aborted) return { text, isWhole: false };
    throw error;
  } finally {
    interruption.cancel();
  }
};
