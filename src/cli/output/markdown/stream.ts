import { closeStyle, openStyle, type StyleName } from "../style.ts";
import { openCleaner, type TextStream } from "../text-stream.ts";
import { type InlineRenderer, openInline } from "./inline.ts";
import { type Fence, isRule, readFence, readFenceEnd, readLineStart } from "./read-block.ts";

const dim = (text: string): string => openStyle("dim") + text + closeStyle("dim");
const openAll = (styles: readonly StyleName[]): string => styles.map(openStyle).join("");
const closeAll = (styles: readonly StyleName[]): string => styles.toReversed().map(closeStyle).join("");

/** A code block is longer than any fence that could end it. */
const longestFenceLine = 200;

/** Renders lines of cleaned text, a character at a time: the one state machine whose output no cut can change. */
const openLines = () => {
  let fence: Fence | undefined;
  // The line so far while it is not known how it begins.
  let start: string | undefined = "";
  let inline: InlineRenderer = openInline([]);
  let styles: readonly StyleName[] = [];

  const beginText = (shown: string, rest: string): string => {
    inline = openInline(styles);
    start = undefined;
    return shown + openAll(styles) + Array.from(rest, (character) => inline.push(character)).join("");
  };
  const beginCode = (line: string): string => {
    styles = ["cyan"];
    start = undefined;
    return openAll(styles) + line;
  };
  const stepStart = (line: string): string => {
    start = line;
    if (fence !== undefined)
      return readFenceEnd(line, fence) === "code" || line.length > longestFenceLine ? beginCode(line) : "";
    const read = readLineStart(line);
    if (read === undefined) return "";
    styles = read.styles;
    return beginText(read.shown, read.rest);
  };
  /** A line that ended before it was known how it begins. */
  const endStart = (line: string): string => {
    if (fence !== undefined) {
      if (readFenceEnd(line, fence) !== "closes") return line === "" ? "" : beginCode(line);
      fence = undefined;
      return dim(line);
    }
    fence = readFence(line);
    if (fence !== undefined) return dim(line);
    return isRule(line) ? dim("─".repeat(40)) : beginText("", line);
  };
  const endLine = (): string => {
    const shown = start === undefined ? "" : endStart(start);
    const rest = start === undefined && fence === undefined ? inline.endLine() : "";
    const closing = start === undefined ? closeAll(styles) : "";
    start = "";
    styles = [];
    return shown + rest + closing;
  };

  return {
    step(character: string): string {
      if (character === "\n") return `${endLine()}\n`;
      if (start !== undefined) return stepStart(start + character);
      return fence === undefined ? inline.push(character) : character;
    },
    endLine,
  };
};

/**
 * Renders Markdown for a terminal while it streams: headings, lists, quotes, rules, code, emphasis, links. Control
 * characters of the text never get through. What is not closed by the end of its line is shown as it was written.
 */
export const openMarkdown = (): TextStream => {
  const cleaner = openCleaner();
  const lines = openLines();
  const render = (text: string): string => Array.from(text, lines.step).join("");
  return {
    push: (text) => render(cleaner.push(text)),
    end: () => render(cleaner.end()) + lines.endLine(),
  };
};
