import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { validateStream } from "./validate.ts";

const readText = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
const text = readText("chat-stream.txt");
const frames = text.split("\n\n").slice(0, -1);
const [first, second, third, finish, usage, done] = frames as [string, string, string, string, string, string];
const error = `data: ${JSON.stringify(JSON.parse(readText("error.json")))}`;

const check = (name: string, stream: readonly string[] | string, problems: readonly string[]): void =>
  test(name, () => {
    expect(validateStream(stream)).toEqual([...problems]);
  });

const withoutUsage = (frame: string): string => frame.replace(',"usage":null', "");
const secondChoice = (frame: string): string => frame.replace('"index":0', '"index":1');
const twoEndings = "the stream has 2 endings ([DONE] or an error), not one";
const noEnding = "the stream has 0 endings ([DONE] or an error), not one";
const noFinishReason = "the stream has 0 finish reasons for choice 0, not one";

check("text", text, []);
check("text with tool calls", readText("chat-tool-call-stream.txt"), []);
check("text with CRLF and comments", `: ping\r\n\r\n${text.replaceAll("\n", "\r\n")}: bye\r\n`, []);
check("frames", frames, []);
check(
  "bare data",
  frames.map((frame) => frame.slice("data: ".length)),
  [],
);
check("no usage asked for", [...[first, second, third, finish].map(withoutUsage), done], []);
check("two choices", [first, secondChoice(first), finish, secondChoice(finish), usage, done], []);
check("an error in the middle", [first, second, error], []);
check("an error at once", [error], []);

check("no ending", frames.slice(0, -1), [noEnding]);
check("nothing at all", "", [noEnding]);
check("two [DONE]", [...frames, done], [twoEndings]);
check("an error, then [DONE]", [first, finish, error, done], [twoEndings]);
check("a chunk after [DONE]", [first, finish, done, usage], ["the stream goes on after its ending"]);
check("only [DONE]", [done], ["the stream is done without any choice"]);
check("cut before the last blank line", text.slice(0, -1), ["the stream has no blank line after its last event"]);
check(
  "a second id",
  [first, finish.replace("chatcmpl-B9N", "chatcmpl-X"), usage, done],
  ["the stream has more than one id: chatcmpl-B9NRz5bHc0sKq7LxVtYwPgUe2mDjA, chatcmpl-XRz5bHc0sKq7LxVtYwPgUe2mDjA"],
);
check(
  "a second creation time",
  [first, finish.replace("1741574801", "1741574802"), usage, done],
  ["the stream has more than one created: 1741574801, 1741574802"],
);
check("no finish reason", [first, second, usage, done], [noFinishReason]);
check(
  "no finish reason for one of two choices",
  [first, secondChoice(first), finish, usage, done],
  ["the stream has 0 finish reasons for choice 1, not one"],
);
check(
  "two finish reasons",
  [first, finish, finish, usage, done],
  ["the stream has 2 finish reasons for choice 0, not one"],
);
check(
  "usage in the chunk that finishes",
  [first, finish.replace('"usage":null', usage.slice(usage.indexOf('"usage"'), -1)), done],
  ["the stream has usage in a chunk with choices"],
);
check("usage before the last chunk", [first, usage, finish, done], ["the stream has usage before its last chunk"]);
check("usage in the last chunk only", [first, finish, usage, done].map(withoutUsage), [
  "the stream lacks usage (null until the last) in 2 of 3 chunks",
]);
check("not JSON", [first, "data: {", finish, usage, done], ["event 1 is not JSON: {"]);
check(
  "a chunk without choices",
  [first, finish, usage.replace('"choices":[],', ""), done],
  ["event 2 (root): must have required property 'choices'"],
);
check(
  "an error without code",
  [first, error.replace(',"code":"model_not_found"', "")],
  ["event 1 /error: must have required property 'code'", noEnding],
);
