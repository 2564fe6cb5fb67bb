import { expect, test } from "bun:test";
import { drainBatches } from "../../core/batches.ts";
import type { Reply } from "../../core/call.ts";
import type { AssistantPart } from "../../core/chat.ts";
import type { Chunk } from "../../core/reply.ts";
import { ServedAnswer } from "./served-answer.ts";

const text = (said: string, choice = 0): Chunk => ({ type: "text", choice, text: said });
const streamed = (...batches: readonly (readonly Chunk[])[]): Reply & { kind: "stream" } =>
  ({
    kind: "stream",
    batches: (async function* () {
      yield* batches;
    })(),
  }) as unknown as Reply & { kind: "stream" };
const whole = (...content: readonly AssistantPart[]): Reply =>
  ({
    kind: "whole",
    value: { id: "", created: 0, model: "m", choices: [{ index: 0, content, finishReason: "stop" }] },
  }) as Reply;

const tool: Chunk = { type: "toolCall", choice: 0, toolIndex: 0, arguments: "{}" };

test.each([
  [
    "the first choice, without its thoughts",
    [
      [text("a"), text("x", 1)],
      [{ type: "reasoning", choice: 0, text: "r" }, text("b")],
    ],
    "ab",
  ],
  ["what was sent again", [[text("a")], [{ type: "restart", choice: 0, reason: "r" }, text("b")]], "b"],
  ["calls of tools", [[text("a"), tool]], undefined],
  ["more than is compared", [[text("a".repeat(60_000))], [text("a".repeat(60_000))]], undefined],
  ["nothing", [[]], undefined],
] as const)("of a stream: %s", async (_, batches, expected) => {
  for (const how of ["pulled", "pushed"]) {
    const answer = new ServedAnswer();
    const reply = answer.hear(streamed(...(batches as unknown as Chunk[][]))) as Reply & { kind: "stream" };
    const seen: unknown[] = [];
    if (how === "pulled") for await (const batch of reply.batches) seen.push(batch);
    else
      await new Promise<void>((end, fail) =>
        drainBatches(reply.batches[Symbol.asyncIterator](), { push: (batch) => seen.push(batch) > 0, end, fail }),
      );
    expect(seen as unknown).toEqual(batches as unknown);
    expect(answer.text).toBe(expected as string);
  }
});

test.each([
  ["its text", whole({ type: "reasoning", text: "r" }, { type: "text", text: "a" }, { type: "text", text: "b" }), "ab"],
  [
    "calls of tools",
    whole({ type: "text", text: "a" }, { type: "toolCall", id: "1", name: "f", arguments: "{}" }),
    undefined,
  ],
  ["nothing", whole(), undefined],
])("of a whole answer: %s", (_, reply, expected) => {
  const answer = new ServedAnswer();
  expect(answer.hear(reply)).toBe(reply);
  expect(answer.text).toBe(expected as string);
});
