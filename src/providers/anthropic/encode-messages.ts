import type { InstructionMessage, Message } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import { encodeAssistantPart, encodeToolResult, encodeUserPart } from "./encode-parts.ts";
import { ownFields } from "./own-fields.ts";

type Role = "user" | "assistant" | "system";
interface Turn {
  readonly role: Role;
  readonly content: JsonObject[];
}

/** Instructions and turns, as the Messages API takes them apart. */
export interface Conversation {
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

const isInstruction = (message: Message | undefined): message is InstructionMessage =>
  message !== undefined && (message.role === "system" || message.role === "developer");

/** A marker on the whole message stands on its last block, where the API looks for it. */
const withMarker = (blocks: readonly JsonObject[], message: Message): readonly JsonObject[] => {
  const fields = ownFields(message);
  const last = blocks.at(-1);
  if (last === undefined || Object.keys(fields).length === 0) return blocks;
  return [...blocks.slice(0, -1), { ...fields, ...last }];
};

const encodeMessage = (message: Message): readonly JsonObject[] => {
  switch (message.role) {
    case "tool":
      return [encodeToolResult(message)];
    case "assistant":
      return withMarker(message.content.flatMap(encodeAssistantPart), message);
    default:
      return withMarker(message.content.flatMap(encodeUserPart), message);
  }
};

const roleOf = (message: Message): Role => {
  if (isInstruction(message)) return "system";
  return message.role === "assistant" ? "assistant" : "user";
};

/**
 * Messages as system blocks and turns ("Create a Message", Anthropic API reference): neighbours of one role become one
 * turn, so that the results of parallel tool calls stand together as the API demands. An instruction between the turns
 * stays in its place where the model takes it there, which is after a user's turn and before an answer; elsewhere it
 * joins the system blocks.
 */
export const encodeMessages = (messages: readonly Message[], systemTurns: "taken" | "refused"): Conversation => {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  messages.forEach((message, index) => {
    const role = roleOf(message);
    const blocks = encodeMessage(message);
    if (blocks.length === 0) return;
    const last = turns.at(-1);
    if (role === "system") {
      const next = messages.slice(index + 1).find((later) => !isInstruction(later));
      const fits =
        (last?.role === "user" || last?.role === "system") && (next === undefined || next.role === "assistant");
      if (systemTurns === "refused" || !fits) {
        system.push(...blocks);
        return;
      }
    }
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  });
  return { system, turns };
};
