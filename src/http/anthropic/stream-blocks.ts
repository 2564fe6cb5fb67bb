import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Chunk, FinishReason } from "../../core/reply.ts";
import { openBlockSequence, type SequencedBlock } from "./block-sequence.ts";
import { toolInput } from "./encode-messages-reply.ts";
import { type JsonExtent, openJsonExtent } from "./json-extent.ts";

type ToolChunk = Extract<Chunk, { type: "toolCall" }>;
type ProseKind = "text" | "refusal" | "reasoning";

interface ToolBlock {
  readonly block: SequencedBlock;
  readonly name: string;
  readonly extent: JsonExtent;
  text: string;
}

const emptyText: JsonObject = { type: "text", text: "", citations: null };
const emptyThinking: JsonObject = { type: "thinking", thinking: "", signature: "" };

/** The blocks of one streamed answer, fed by its content chunks. */
export interface StreamBlocks {
  prose(kind: "text" | "refusal", text: string): void;
  reasoning(text: string, fields: JsonObject): void;
  toolCall(chunk: ToolChunk): void;
  /** A block, or a delta of the text block, in Anthropic's own form. */
  native(fields: JsonObject): void;
  /** Ends all blocks. Throws `upstream_invalid_response` where a tool call's arguments are not an object. */
  close(reason: FinishReason): void;
  readonly hasToolCalls: boolean;
}

export const openStreamBlocks = (write: (text: string) => void): StreamBlocks => {
  const sequence = openBlockSequence(write);
  const tools = new Map<number, ToolBlock>();
  /** The newest block, where it is one that text may still be added to. */
  let prose: { readonly kind: ProseKind; readonly block: SequencedBlock } | undefined;

  const add = (start: JsonObject): SequencedBlock => {
    if (prose) prose.block.complete = true;
    prose = undefined;
    const block = sequence.add(start);
    sequence.advance();
    return block;
  };
  const proseBlock = (kind: ProseKind): SequencedBlock => {
    if (prose?.kind === kind && !prose.block.complete) return prose.block;
    const block = add(kind === "reasoning" ? emptyThinking : emptyText);
    prose = { kind, block };
    return block;
  };
  const openTool = ({ toolIndex, id, name, providerData }: ToolChunk): ToolBlock => {
    if (id === undefined || name === undefined)
      throw new GatewayError("upstream_invalid_response", "The upstream streamed a tool call without id and name.");
    const start = { type: "tool_use", id, name, input: {}, caller: { type: "direct" }, ...providerData?.anthropic };
    const tool = { block: add(start), name, extent: openJsonExtent(), text: "" };
    tools.set(toolIndex, tool);
    return tool;
  };

  return {
    prose(kind, text) {
      if (text !== "") sequence.append(proseBlock(kind), { type: "text_delta", text });
    },
    reasoning(text, fields) {
      const signature = fields["signature"];
      if (text !== "") sequence.append(proseBlock("reasoning"), { type: "thinking_delta", thinking: text });
      if (typeof signature !== "string") return;
      const block = proseBlock("reasoning");
      sequence.append(block, { type: "signature_delta", signature });
      // The signature covers the block: more reasoning is another block.
      block.complete = true;
      sequence.advance();
    },
    toolCall(chunk) {
      const tool = tools.get(chunk.toolIndex) ?? openTool(chunk);
      const piece = chunk.arguments;
      if (piece === "") return;
      if (tool.block.complete) {
        if (piece.trim() !== "") toolInput(tool.name, tool.text + piece);
        return;
      }
      tool.text += piece;
      sequence.append(tool.block, { type: "input_json_delta", partial_json: piece });
      if (!tool.extent.feed(piece)) return;
      toolInput(tool.name, tool.text);
      tool.block.complete = true;
      sequence.advance();
    },
    native(fields) {
      if (fields["type"] === "citations_delta") {
        sequence.append(proseBlock("text"), fields);
        return;
      }
      const { input } = fields;
      const isServerCall = fields["type"] === "server_tool_use" && isJsonObject(input);
      const block = add(isServerCall ? { ...fields, input: {} } : fields);
      // Clients read a server tool's input from deltas, as Anthropic sends it.
      if (isServerCall) sequence.append(block, { type: "input_json_delta", partial_json: JSON.stringify(input) });
      block.complete = true;
      sequence.advance();
    },
    close(reason) {
      // Arguments that were cut short (by the limit, a filter) are shown as far as they came, as Anthropic does.
      const isWhole = reason === "stop" || reason === "toolCalls";
      if (isWhole) for (const { name, text } of tools.values()) toolInput(name, text);
      prose = undefined;
      sequence.close();
    },
    get hasToolCalls() {
      return tools.size > 0;
    },
  };
};
