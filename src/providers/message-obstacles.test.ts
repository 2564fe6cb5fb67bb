import { describe, expect, test } from "bun:test";
import type { Message } from "../core/chat.ts";
import type { Obstacle } from "../core/ports/provider.ts";
import { addMessageObstacles, type MessageRules } from "./message-obstacles.ts";

const text = { type: "text", text: "a" } as const;
const messages: readonly Message[] = [
  { role: "system", content: [text] },
  { role: "user", name: "ann", content: [text, { type: "audio", format: "wav", data: "x" }] },
  { role: "assistant", content: [{ type: "toolCall", id: "c", name: "f", arguments: "{}" }] },
  { role: "tool", toolCallId: "c", content: [text] },
];
const added = (rules: MessageRules): readonly Obstacle[] => {
  const obstacles: Obstacle[] = [{ field: "n", reason: "before" }];
  addMessageObstacles(obstacles, messages, rules);
  return obstacles.slice(1);
};

describe("obstacles in messages", () => {
  test("names and parts, each with its path", () => {
    expect(added({ names: "no names", part: ({ type }, { role }) => `no ${type} of ${role}` })).toEqual([
      { field: "messages.1.name", reason: "no names" },
      { field: "messages.1.content.1", reason: "no audio of user" },
      { field: "messages.2.content.0", reason: "no toolCall of assistant" },
    ]);
  });
  test("names where they are taken, and parts that are", () => {
    expect(added({ part: () => undefined })).toEqual([]);
  });
  test("text is never asked about", () => {
    const asked: string[] = [];
    added({
      part: ({ type }) => {
        asked.push(type);
        return undefined;
      },
    });
    expect(asked).toEqual(["audio", "toolCall"]);
  });
});
