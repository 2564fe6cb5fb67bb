/** Watches JSON text that comes in pieces for the end of its object or array. */
export interface JsonExtent {
  /** True once the object or array that the text began has ended. Says nothing about its validity. */
  feed(piece: string): boolean;
}

export const openJsonExtent = (): JsonExtent => {
  let depth = 0;
  let ended = false;
  let inString = false;
  let escaped = false;
  const step = (character: string) => {
    if (inString) {
      if (escaped) escaped = false;
      else if (character === "\\") escaped = true;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth <= 0) ended = true;
    }
  };
  return {
    feed(piece) {
      for (let at = 0; at < piece.length && !ended; at += 1) step(piece.charAt(at));
      return ended;
    },
  };
};
