import { toFailure } from "../../cli-error.ts";
import type { ApiClient } from "../../connect.ts";
import type { CliContext } from "../../context.ts";
import type { Message } from "./answer.ts";
import { type Turn, takeTurn } from "./turn.ts";

const help = `/model NAME  ask another model from now on
/clear       forget the conversation
/exit        end it (also Ctrl-D)
Ctrl-C stops an answer.`;

interface Conversation {
  model: string;
  messages: readonly Message[];
}

/** Carries out a line that begins with a slash. Gives `exit` where the conversation is to end. */
const obey = (
  line: string,
  conversation: Conversation,
  { note }: CliContext,
  opening: readonly Message[],
): "exit" | "stay" => {
  const [command = "", ...words] = line.trim().split(/\s+/);
  const argument = words.join(" ");
  switch (command) {
    case "/exit":
    case "/quit":
      return "exit";
    case "/clear":
      conversation.messages = opening;
      note("Forgotten.");
      return "stay";
    case "/model":
      if (argument !== "") conversation.model = argument;
      note(`The model is ${conversation.model}.`);
      return "stay";
    default:
      note(help);
      return "stay";
  }
};

const answerLine = async (
  client: ApiClient,
  content: string,
  { conversation, turn, context }: { conversation: Conversation; turn: Turn; context: CliContext },
): Promise<void> => {
  const messages: readonly Message[] = [...conversation.messages, { role: "user", content }];
  try {
    const { text } = await takeTurn(client, { ...turn, model: conversation.model, messages }, context);
    // A turn without an answer is forgotten, so that it can be put again.
    if (text !== "") conversation.messages = [...messages, { role: "assistant", content: text }];
  } catch (error) {
    // One failed answer does not end a conversation.
    context.note(context.style("red", toFailure(error).message));
  }
};

/** A conversation on the terminal, until /exit or the end of input. `turn.messages` opens it. */
export const converse = async (client: ApiClient, turn: Turn, context: CliContext): Promise<void> => {
  const conversation: Conversation = { model: turn.model, messages: turn.messages };
  context.note(context.style("dim", `Talking to ${turn.model} through ${client.describe}. /help lists the commands.`));
  for await (const line of context.system.prompts.lines("› ")) {
    if (line.trim() === "") continue;
    if (line.startsWith("/")) {
      if (obey(line, conversation, context, turn.messages) === "exit") return;
    } else await answerLine(client, line, { conversation, turn, context });
  }
};
