import { wrongUsage } from "../../cli-error.ts";
import type { ApiClient } from "../../connect.ts";
import type { CliContext } from "../../context.ts";
import { askWhole, type Message } from "./answer.ts";
import { chooseModel } from "./choose-model.ts";
import { converse } from "./loop.ts";
import { interrupted, takeTurn } from "./turn.ts";

export interface ChatFlags {
  readonly model?: string;
  readonly system?: string;
  readonly stream?: boolean;
  readonly reasoning?: boolean;
}

/** What to ask: the argument, what was piped in, or one after the other; undefined for a conversation. */
const readPrompt = async (
  { system, options }: CliContext,
  argument: string | undefined,
): Promise<string | undefined> => {
  const piped = system.stdin.isTerminal ? "" : (await system.stdin.readText()).trim();
  const prompt = [argument ?? "", piped].filter((part) => part.trim() !== "").join("\n\n");
  if (prompt !== "") return prompt;
  if (system.stdin.isTerminal && argument === undefined && options.json !== true) return undefined;
  throw wrongUsage("There is nothing to ask. Give a prompt, or pipe one in.");
};

/** With `--json`: the whole answer as one document. */
const answerAsJson = async (
  client: ApiClient,
  { model, messages }: { readonly model: string; readonly messages: readonly Message[] },
  { system, print }: CliContext,
): Promise<void> => {
  const abort = new AbortController();
  const interruption = system.onInterrupt(() => abort.abort());
  try {
    const { text, reasoning, ...facts } = await askWhole(client, { model, messages, signal: abort.signal });
    print({ text, ...(reasoning === "" ? {} : { reasoning }), ...facts }, () => "");
  } catch (error) {
    throw abort.signal.aborted ? interrupted() : error;
  } finally {
    interruption.cancel();
  }
};

/** Asks a model once, or talks with it. */
export const chat = async (context: CliContext, argument: string | undefined, flags: ChatFlags): Promise<void> => {
  const prompt = await readPrompt(context, argument);
  await context.withClient(async (client) => {
    const model = flags.model ?? (await chooseModel(client, context));
    const opening: readonly Message[] = flags.system === undefined ? [] : [{ role: "system", content: flags.system }];
    const reasoning = flags.reasoning === true ? "shown" : "hidden";
    const turn = { model, messages: opening, stream: flags.stream !== false, reasoning } as const;
    if (prompt === undefined) return converse(client, turn, context);
    const messages: readonly Message[] = [...opening, { role: "user", content: prompt }];
    if (context.options.json === true) return answerAsJson(client, { model, messages }, context);
    const { isWhole } = await takeTurn(client, { ...turn, messages }, context);
    if (!isWhole) throw interrupted();
  });
};
