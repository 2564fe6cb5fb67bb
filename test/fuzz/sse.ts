import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openAssembly } from "../../src/core/assemble.ts";
import type { ChatRequest } from "../../src/core/chat.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { openFrames } from "../../src/core/frames.ts";
import type { Frame, Provider, StreamDecoder } from "../../src/core/ports/provider.ts";
import type { Chunk } from "../../src/core/reply.ts";
import { providerModules } from "../../src/providers/index.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { damageBytes } from "./damage-bytes.ts";
import type { Fuzzer } from "./fuzzer.ts";
import { damageTree, treeOf, writeTree } from "./json-tree.ts";

interface Input {
  /** The recording's path below `src/providers`, which also says how it is read. */
  readonly recording: string;
  /** The stream where it is not as it was recorded. */
  readonly bytes?: string;
  /** Where the bytes are cut, ascending; a number alone is the length of every piece. */
  readonly cuts: readonly number[] | number;
}

interface Outcome {
  /** The frames that were decoded. */
  readonly frames: readonly Frame[];
  readonly chunks: readonly Chunk[];
  /** Why the answer did not end well; undefined where it counts as whole. */
  readonly error: unknown;
  /** Whether the bytes could not even be cut into frames. */
  readonly isUnframed: boolean;
}

interface Recording {
  readonly framing: "sse" | "ndjson";
  readonly bytes: string;
  readonly openStream: () => StreamDecoder<Chunk>;
}

const sources = [
  ...["text", "tools", "no-done", "error-within"].map((name) => ({
    kind: "openai",
    path: `openai/fixtures/${name}.sse`,
  })),
  { kind: "groq", path: "openai/fixtures/groq.sse" },
  { kind: "mistral", path: "openai/fixtures/mistral.sse" },
  ...["stream-tools-thinking", "stream-server-tool", "stream-overloaded"].map((name) => ({
    kind: "anthropic",
    path: `anthropic/fixtures/${name}.sse`,
  })),
  ...["tools", "two-candidates", "error-within"].map((name) => ({
    kind: "gemini",
    path: `gemini/fixtures/${name}.sse`,
  })),
  ...["tools", "generate", "error-within"].map((name) => ({ kind: "ollama", path: `ollama/fixtures/${name}.ndjson` })),
  ...["stream-tools", "stream-thinking"].map((name) => ({ kind: "cohere", path: `cohere/fixtures/${name}.sse` })),
];

const providerOf = (kind: string): Provider => {
  const module = providerModules.find((one) => one.kind === kind);
  if (module === undefined) throw new Error(`there is no provider of the kind '${kind}'`);
  return module.create({
    name: "up",
    kind,
    baseUrl: "http://127.0.0.1:1/v1",
    apiKeys: ["key"],
    headers: {},
    options: {},
  });
};

const chatRequest: ChatRequest = {
  model: "asked",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: true,
  includeUsage: true,
};

const open = ({ kind, path }: (typeof sources)[number]): Recording => {
  const { chat, textCompletion } = providerOf(kind);
  const bytes = readFileSync(join(import.meta.dirname, "../../src/providers", path), "latin1");
  const text = { model: "asked", prompt: ["Hi"], stream: true, includeUsage: true };
  const openChat = () => chat?.openStream?.(path.includes("two-") ? { ...chatRequest, n: 2 } : chatRequest);
  const openText = () => textCompletion?.openStream?.(text);
  const openAny = path.includes("generate") ? openText : openChat;
  return {
    framing: path.endsWith(".ndjson") ? "ndjson" : "sse",
    bytes,
    openStream() {
      const decoder = openAny();
      if (decoder === undefined) throw new Error(`${path}: not streamed`);
      return decoder;
    },
  };
};

const maxCharacters = 1_000_000;

/** Reads pieces as the one upstream call does. */
const decode = ({ framing, openStream }: Recording, pieces: readonly Uint8Array[]): Outcome => {
  const splitter = openFrames(framing, { maxCharacters });
  const decoder = openStream();
  const chunks: Chunk[] = [];
  const taken: Frame[] = [];
  let isFraming = true;
  const framed = <Result>(action: () => Result): Result => {
    isFraming = true;
    const result = action();
    isFraming = false;
    return result;
  };
  const take = (frames: () => readonly Frame[]): void => {
    if (decoder.ended) return;
    for (const frame of framed(frames)) {
      if (decoder.ended) return;
      taken.push(frame);
      chunks.push(...decoder.push(frame));
    }
  };
  try {
    for (const piece of pieces) take(() => splitter.push(piece));
    take(() => splitter.end());
    isFraming = false;
    chunks.push(...decoder.end());
    return { frames: taken, chunks, error: undefined, isUnframed: false };
  } catch (error) {
    return { frames: taken, chunks, error, isUnframed: isFraming };
  }
};

const piecesOf = (bytes: Uint8Array, cuts: Input["cuts"]): readonly Uint8Array[] => {
  const at = typeof cuts === "number" ? [] : [...cuts];
  if (typeof cuts === "number") for (let next = cuts; next < bytes.length; next += cuts) at.push(next);
  return [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
};

const shown = ({ frames, chunks, error }: Outcome): string =>
  `${JSON.stringify(chunks)} ${error instanceof Error ? error.message : "whole"} of ${JSON.stringify(frames)}`;

/** What is wrong with an outcome, whatever the stream held. */
const judge = ({ chunks, error }: Outcome): readonly string[] => {
  if (error !== undefined)
    return error instanceof GatewayError && error.code !== "internal_error" ? [] : [`threw ${String(error)}`];
  const faults: string[] = [];
  if (chunks[0]?.type !== "start" || chunks.filter(({ type }) => type === "start").length !== 1)
    faults.push("a whole answer that does not begin with its one start");
  if (chunks.filter(({ type }) => type === "usage").length > 1) faults.push("usage twice");
  const finished = new Set<number>();
  const calls = new Map<number, number>();
  for (const chunk of chunks) {
    if (!("choice" in chunk)) continue;
    if (finished.has(chunk.choice)) faults.push(`a ${chunk.type} after its choice was finished`);
    if (chunk.type === "finish") finished.add(chunk.choice);
    if (chunk.type !== "toolCall") continue;
    const known = calls.get(chunk.choice) ?? 0;
    if (chunk.toolIndex > known) faults.push("a gap among the tool calls");
    if (chunk.toolIndex === known) {
      calls.set(chunk.choice, known + 1);
      if (!chunk.id || !chunk.name) faults.push("a tool call that begins without id or name");
    }
  }
  const assembly = openAssembly();
  assembly.push(chunks);
  if (assembly.end().choices.length === 0) faults.push("a whole answer without choices");
  return faults;
};

const contentOf = ({ chunks }: Outcome): string => {
  const assembly = openAssembly();
  assembly.push(chunks);
  return JSON.stringify(assembly.end().choices);
};

const compare = (cut: Outcome, whole: Outcome): readonly string[] => {
  const [left, right] = [shown(cut), shown(whole)];
  if (left === right) return [];
  // Bytes that are no text make the whole piece unreadable: how much came before them depends on the pieces.
  const [short, long] =
    cut.chunks.length < whole.chunks.length ? [cut.chunks, whole.chunks] : [whole.chunks, cut.chunks];
  const isBeginning = JSON.stringify(long.slice(0, short.length)) === JSON.stringify(short);
  if ((cut.isUnframed || whole.isUnframed) && isBeginning) return [];
  return [`in pieces it decodes to ${left.slice(0, 2_000)}, whole to ${right.slice(0, 2_000)}`];
};

const tokens = [
  ...["\n", "\r", "\r\n", "\n\n", "\r\n\r\n", ":", ": \n", "data:", "data: ", "\ndata\n", "event: error\n", "id: 1\n"],
  ...["\xef\xbb\xbf", "\xff", "\xe2\x82", "\x00", "data: [DONE]\n\n", "data: {}\n\n", "data: null\n\n", "data: []\n\n"],
  ...['"', "\\", "{", "}", "[", "]", ",", "null", "1e999", "event: ping\ndata: {}\n\n", "{}\n", '{"done":true}\n'],
  'data: {"error":{"message":"x"}}\n\n',
];

const latin1 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** Damages the JSON of one event, or moves whole events about. */
const damageEvents = (bytes: string, random: SeededRandom): string => {
  const lines = bytes.split("\n");
  const at = random.pick(lines.flatMap((line, index) => (line.includes("{") ? [index] : [])));
  const line = lines[at] ?? "";
  const start = line.indexOf("{");
  if (random.next() < 0.2) lines.splice(random.between(0, lines.length), 0, ...lines.splice(at, random.between(1, 3)));
  else {
    const tree = treeOf(JSON.parse(Buffer.from(line.slice(start), "latin1").toString("utf8")));
    damageTree(tree, random);
    lines[at] = line.slice(0, start) + latin1(writeTree(tree)).replaceAll("\n", "\\n");
  }
  return lines.join("\n");
};

const drawCuts = (length: number, random: SeededRandom): Input["cuts"] => {
  if (random.next() < 0.05) return random.between(1, 7);
  const cuts = Array.from({ length: random.between(1, 12) }, () => random.between(0, length));
  return cuts.sort((left, right) => left - right);
};

const slowMilliseconds = 2_000;
const mostMegabytes = 300;
const megabytes = (): number => process.memoryUsage().rss / 1_048_576;

/** Recorded streams, as they were or damaged, in any pieces. */
export const openSse = (): Fuzzer<Input> => {
  const recordings = new Map(sources.map((source) => [source.path, open(source)]));
  const wholes = new Map(
    [...recordings].map(([path, one]) => [path, decode(one, [Buffer.from(one.bytes, "latin1")])] as const),
  );
  const seen = new Map([...wholes].map(([path, whole]) => [path, shown(whole)]));
  const before = megabytes();
  /** What was cut off must be missed: an answer that counts as whole has all of the content. */
  const judgeCut = ({ recording, bytes = "" }: Input, outcome: Outcome): readonly string[] => {
    const whole = wholes.get(recording);
    const isCut = recordings.get(recording)?.bytes.startsWith(bytes) ?? false;
    if (!isCut || outcome.error !== undefined || whole === undefined) return [];
    if (whole.error !== undefined) return ["a stream that failed looks whole when it is cut off"];
    return contentOf(outcome) === contentOf(whole) ? [] : ["a stream that was cut off looks whole"];
  };
  return {
    name: "sse",
    shortMilliseconds: 8_000,
    longCount: 10_000_000,
    width: 1,
    draw(random) {
      const { path } = random.pick(sources);
      const bytes = recordings.get(path)?.bytes ?? "";
      const roll = random.next();
      if (roll < 0.5) return { recording: path, cuts: drawCuts(bytes.length, random) };
      if (roll < 0.55) {
        const ended = bytes.replaceAll("\n", random.pick(["\r\n", "\r"]));
        return { recording: path, bytes: ended, cuts: drawCuts(ended.length, random) };
      }
      let damaged = bytes.slice(0, random.between(0, bytes.length));
      if (roll >= 0.6) damaged = damageEvents(bytes, random);
      if (roll >= 0.75) damaged = damageBytes(roll < 0.9 ? bytes : damaged, random, tokens);
      return { recording: path, bytes: damaged, cuts: drawCuts(damaged.length, random) };
    },
    attack(input) {
      const recording = recordings.get(input.recording);
      if (recording === undefined) return [`there is no recording ${input.recording}`];
      const bytes = Buffer.from(input.bytes ?? recording.bytes, "latin1");
      const began = performance.now();
      const outcome = decode(recording, piecesOf(bytes, input.cuts));
      if (input.bytes === undefined && shown(outcome) === seen.get(input.recording)) return [];
      const faults = [...judge(outcome), ...compare(outcome, decode(recording, [bytes]))];
      if (input.bytes !== undefined) faults.push(...judgeCut(input, outcome));
      const took = performance.now() - began;
      return took < slowMilliseconds ? faults : [...faults, `took ${took.toFixed(0)} ms`];
    },
    close() {
      Bun.gc(true);
      const grown = megabytes() - before;
      return grown < mostMegabytes ? [] : [`${grown.toFixed(0)} MB of memory were kept`];
    },
  };
};
