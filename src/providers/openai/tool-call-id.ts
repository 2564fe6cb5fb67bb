import { createHash } from "node:crypto";
import type { Quirks } from "./quirks.ts";

/** An id that the server takes. The same id always becomes the same one, so calls and results keep together. */
export const toolCallIdFor = (id: string, quirks: Quirks): string => {
  if (quirks.toolCallIds === "any" || /^[a-zA-Z0-9]{9}$/.test(id)) return id;
  return createHash("sha256").update(id).digest("hex").slice(0, 9);
};

/** An id for a call that came without one; OpenAI takes at most 40 characters. */
export const inventedToolCallId = (completionId: string, choice: number, toolIndex: number): string =>
  `call_${completionId.replace(/[^a-zA-Z0-9]/g, "").slice(-24)}_${choice}_${toolIndex}`;
