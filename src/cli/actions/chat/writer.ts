import type { CliContext } from "../../context.ts";
import { openMarkdown } from "../../output/markdown/stream.ts";
import { openCleaner } from "../../output/text-stream.ts";
import type { AnswerListener } from "./answer.ts";

export interface AnswerWriter extends AnswerListener {
  /** Ends the answer, also one that broke, with a line feed where it has none. */
  end(): void;
}

/** Shows an answer while it comes: rendered where colours may be used, else as it is. */
export const openWriter = (
  { system, colour, style }: CliContext,
  { reasoning }: { readonly reasoning: "shown" | "hidden" },
): AnswerWriter => {
  const stream = colour === "colour" ? openMarkdown() : openCleaner();
  const thoughts = openCleaner();
  let last = "";
  let hasThought = false;
  const write = (text: string): void => {
    if (text === "") return;
    if (hasThought) system.stderr.write("\n\n");
    hasThought = false;
    last = text.at(-1) ?? last;
    system.stdout.write(text);
  };
  return {
    text: (piece) => write(stream.push(piece)),
    reasoning: (piece) => {
      if (reasoning === "hidden") return;
      hasThought = true;
      system.stderr.write(style("dim", thoughts.push(piece)));
    },
    end: () => {
      write(stream.end());
      if (last !== "" && last !== "\n") system.stdout.write("\n");
    },
  };
};
