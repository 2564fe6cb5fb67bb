import { describe, expect, test } from "bun:test";
import { type Received, readReply } from "./read-reply.ts";

const texts: ReadonlySet<string> = new Set(["Hello there."]);
const delta = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const failure = `data: ${JSON.stringify({ error: { code: "upstream_error" } })}\n\n`;
const restart = `data: ${JSON.stringify({ intellirouter: { restart: true }, choices: [] })}\n\n`;
const end = "data: [DONE]\n\n";
const streamed = (body: string, isWhole = true): Received => ({ status: 200, isStream: true, body, isWhole });
const whole = (status: number, body: unknown): Received => ({
  status,
  isStream: false,
  body: JSON.stringify(body),
  isWhole: true,
});

const cases: readonly {
  readonly title: string;
  readonly received: Received;
  readonly ending: string;
  readonly characters: number;
}[] = [
  {
    title: "whole stream",
    received: streamed(delta("Hello ") + delta("there.") + end),
    ending: "answer",
    characters: 12,
  },
  { title: "an end, text missing", received: streamed(delta("Hello ") + end), ending: "false-end", characters: 6 },
  { title: "text doubled", received: streamed(delta("Hello Hello there.") + end), ending: "false-end", characters: 18 },
  { title: "a body in order without an end", received: streamed(delta("Hello ")), ending: "false-end", characters: 6 },
  { title: "a cut body", received: streamed(delta("Hello "), false), ending: "cut", characters: 6 },
  {
    title: "a cut within an event",
    received: streamed(`${delta("Hello ")}data: {"ch`, false),
    ending: "cut",
    characters: 6,
  },
  { title: "an error event", received: streamed(delta("Hello ") + failure), ending: "error", characters: 6 },
  {
    title: "begun anew",
    received: streamed(delta("Hel") + restart + delta("Hello there.") + end),
    ending: "answer",
    characters: 12,
  },
  {
    title: "an error body",
    received: whole(503, { error: { code: "upstream_refused" } }),
    ending: "error",
    characters: 0,
  },
  {
    title: "a whole body",
    received: whole(200, { choices: [{ message: { content: "Hello there." } }] }),
    ending: "answer",
    characters: 12,
  },
  {
    title: "a whole body, text missing",
    received: whole(200, { choices: [{ message: { content: "Hello" } }] }),
    ending: "false-end",
    characters: 5,
  },
];

describe("what a client makes of a reply", () => {
  for (const { title, received, ending, characters } of cases)
    test(title, () => {
      const read = readReply(received, texts);
      expect({ ending: read.ending, characters: read.text.length }).toEqual({
        ending: ending as typeof read.ending,
        characters,
      });
    });
});
