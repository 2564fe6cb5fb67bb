import { createHash } from "node:crypto";
import type { JsonObject } from "../core/json.ts";

/** Ids of the tool calls of one choice, where a provider may give none and nothing says that they are distinct. */
export interface ToolCallIds {
  /** The call's own id where it is new, else one made from what is known: the same answer gets the same ids. */
  next(call: JsonObject, seed: string): string;
  /** How many were asked for. */
  readonly count: number;
}

/** `seed` in {@link ToolCallIds.next} tells one answer from others. */
export const openToolCallIds = (): ToolCallIds => {
  const given = new Set<string>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    next(call, seed) {
      const { id: own } = call;
      const text = `${seed}\n${count++}\n${JSON.stringify(call)}`;
      const id =
        typeof own === "string" && own !== "" && !given.has(own)
          ? own
          : `call_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
      given.add(id);
      return id;
    },
  };
};
