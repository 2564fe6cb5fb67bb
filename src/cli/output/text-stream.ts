import { withoutControls } from "./sanitise.ts";

/** Takes a text in pieces and gives what can be shown of it; all that it gives does not depend on where it was cut. */
export interface TextStream {
  push(text: string): string;
  end(): string;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** Lets a model's text through without control characters, and never cuts a character in two. */
export const openCleaner = (): TextStream => {
  let held = "";
  return {
    push(text) {
      const all = held + text;
      held = isHighSurrogate(all.charCodeAt(all.length - 1)) ? all.slice(-1) : "";
      return withoutControls((held === "" ? all : all.slice(0, -1)).toWellFormed());
    },
    end() {
      const rest = held.toWellFormed();
      held = "";
      return rest;
    },
  };
};
