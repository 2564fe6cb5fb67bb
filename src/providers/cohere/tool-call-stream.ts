import type { JsonObject } from "../../core/json.ts";
import type { Chunk } from "../../core/reply.ts";
import { malformed } from "../upstream-error.ts";
import { argumentsText } from "./decode-chat.ts";

interface OpenCall {
  readonly toolIndex: number;
  hasArguments: boolean;
}

/** The tool calls of one stream, by the server's own index. */
export interface ToolCallStream {
  start(index: number | undefined, call: JsonObject, definition: JsonObject): readonly Chunk[];
  delta(index: number | undefined, definition: JsonObject): readonly Chunk[];
  end(index: number | undefined): readonly Chunk[];
  /** Ends the calls that the server left open. */
  endAll(): readonly Chunk[];
  readonly count: number;
}

export const openToolCallStream = (provider: string): ToolCallStream => {
  const open = new Map<number, OpenCall>();
  let count = 0;
  let newest = -1;
  const piece = ({ toolIndex }: OpenCall, text: string): readonly Chunk[] => [
    { type: "toolCall", choice: 0, toolIndex, arguments: text },
  ];
  const end = (index: number): readonly Chunk[] => {
    const call = open.get(index);
    open.delete(index);
    return call === undefined || call.hasArguments ? [] : piece(call, "{}");
  };
  return {
    start(given, call, definition) {
      const { name } = definition;
      if (typeof name !== "string" || name === "") throw malformed(provider, "a tool call without a name");
      const index = given ?? newest + 1;
      // A server that repeats an index means another call, not more of the first.
      const ended = end(index);
      const toolIndex = count++;
      const text = argumentsText(definition["arguments"]);
      newest = index;
      open.set(index, { toolIndex, hasArguments: text !== "" });
      const id = typeof call["id"] === "string" && call["id"] !== "" ? call["id"] : `${name}_${toolIndex}`;
      return [...ended, { type: "toolCall", choice: 0, toolIndex, id, name, arguments: text }];
    },
    delta(given, definition) {
      const call = open.get(given ?? newest);
      if (call === undefined) throw malformed(provider, "arguments of no tool call");
      const text = argumentsText(definition["arguments"]);
      if (text === "") return [];
      call.hasArguments = true;
      return piece(call, text);
    },
    end: (given) => end(given ?? newest),
    endAll: () => [...open.keys()].flatMap(end),
    get count() {
      return count;
    },
  };
};
