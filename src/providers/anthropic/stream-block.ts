import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { argumentsText, type BlockReader, ownData, toolCallFields } from "./decode-blocks.ts";

/** One content block of a stream, from its start to its stop. */
export interface StreamBlock {
  start(): readonly Chunk[];
  delta(delta: JsonObject): readonly Chunk[];
  stop(): readonly Chunk[];
}

/** What a block of a stream needs to know beside itself. */
export interface BlockContext extends BlockReader {
  /** The position of the next tool call among the answer's calls. */
  nextToolIndex(): number;
}

const string = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");
const text = (value: string): readonly Chunk[] => (value === "" ? [] : [{ type: "text", choice: 0, text: value }]);
const native = (fields: JsonObject): readonly Chunk[] => [
  { type: "opaque", choice: 0, extra: { dialect: "anthropic", fields } },
];

const textBlock = (block: JsonObject): StreamBlock => ({
  start: () => text(string(block["text"])),
  delta: (delta) => (delta["type"] === "text_delta" ? text(string(delta["text"])) : native(delta)),
  stop: () => [],
});

const thinkingBlock = (block: JsonObject): StreamBlock => {
  let signature = string(block["signature"]);
  const reasoning = (value: string): readonly Chunk[] =>
    value === "" ? [] : [{ type: "reasoning", choice: 0, text: value }];
  return {
    start: () => reasoning(string(block["thinking"])),
    delta(delta) {
      if (delta["type"] === "signature_delta") signature += string(delta["signature"]);
      return delta["type"] === "thinking_delta" ? reasoning(string(delta["thinking"])) : [];
    },
    // It covers the whole block, so it follows the block's last word.
    stop: () =>
      signature === "" ? [] : [{ type: "reasoning", choice: 0, text: "", providerData: { anthropic: { signature } } }],
  };
};

/** The input that stands in the block's start, where a server sends it whole instead of in deltas. */
const wholeInput = (block: JsonObject): string => {
  const { input } = block;
  return isJsonObject(input) && Object.keys(input).length === 0 ? "{}" : argumentsText(input);
};

const answerBlock = (block: JsonObject): StreamBlock => {
  let hasDelta = false;
  return {
    start: () => [],
    delta(delta) {
      const piece = string(delta["partial_json"]);
      hasDelta ||= piece !== "";
      return text(piece);
    },
    stop: () => (hasDelta ? [] : text(wholeInput(block))),
  };
};

const toolBlock = (block: JsonObject, name: string, toolIndex: number): StreamBlock => {
  let hasDelta = false;
  const id = string(block["id"]) || `toolu_${toolIndex}`;
  const piece = (value: string): readonly Chunk[] => [{ type: "toolCall", choice: 0, toolIndex, arguments: value }];
  return {
    start: () => [
      { type: "toolCall", choice: 0, toolIndex, id, name, arguments: "", ...ownData(toolCallFields(block)) },
    ],
    delta(delta) {
      const value = string(delta["partial_json"]);
      if (value === "") return [];
      hasDelta = true;
      return piece(value);
    },
    stop: () => (hasDelta ? [] : piece(wholeInput(block))),
  };
};

/** A block that only Anthropic knows: collected, and given whole when it ends. */
const nativeBlock = (block: JsonObject): StreamBlock => {
  const collected: Record<string, JsonValue> = { ...block };
  let input = "";
  return {
    start: () => [],
    delta({ type: _type, ...fields }) {
      for (const [key, value] of Object.entries(fields)) {
        if (key === "partial_json") input += string(value);
        else {
          const earlier = collected[key];
          collected[key] = typeof earlier === "string" && typeof value === "string" ? earlier + value : value;
        }
      }
      return [];
    },
    stop() {
      if (input !== "") collected["input"] = parseJson(input) ?? input;
      return native(collected);
    },
  };
};

/** The decoder of a block, by what its start says ("Streaming Messages", content block events). */
export const openStreamBlock = (block: JsonObject, context: BlockContext): StreamBlock => {
  const { type, name } = block;
  if (type === "text") return textBlock(block);
  if (type === "thinking") return thinkingBlock(block);
  if (type !== "tool_use") return nativeBlock(block);
  if (typeof name !== "string" || name === "") throw malformed(context.provider, "a tool call without a name");
  return context.isAnswer(name) ? answerBlock(block) : toolBlock(block, name, context.nextToolIndex());
};
