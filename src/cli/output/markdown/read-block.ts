import { closeStyle, openStyle, type StyleName } from "../style.ts";

/** How a line begins: what is shown for its mark, what is left for the text, and which styles hold on it. */
export interface LineStart {
  readonly shown: string;
  readonly rest: string;
  readonly styles: readonly StyleName[];
}
export interface Fence {
  readonly marker: string;
  readonly length: number;
}

const undecided = /^[ \t]*(#{1,6}|[-+]|-{2,}[ \t]*|\*|\*{2,}[ \t]*|_+[ \t]*|`{1,2}|~{1,2}|\d{1,9}[.)]?|>)?$/;
const fence = /^[ \t]*(`{3,}(?=[^`]*$)|~{3,})/;
const rule = /^[ \t]*(-{3,}|\*{3,}|_{3,})[ \t]*$/;

/** How the line begins; undefined while more of it is needed. `line` has come so far, without its line feed. */
export const readLineStart = (line: string): LineStart | undefined => {
  if (undecided.test(line) || fence.test(line)) return undefined;
  const heading = /^[ \t]*(#{1,6})[ \t]+/.exec(line);
  if (heading !== null) {
    const styles: readonly StyleName[] = heading[1] === "#" ? ["bold", "underline"] : ["bold"];
    return { shown: "", rest: line.slice(heading[0].length), styles };
  }
  const bullet = /^([ \t]*)[-+*][ \t]/.exec(line);
  if (bullet !== null) return { shown: `${bullet[1]}• `, rest: line.slice(bullet[0].length), styles: [] };
  const quote = /^([ \t]*)>[ \t]?/.exec(line);
  if (quote !== null) {
    const shown = `${quote[1]}${openStyle("dim")}│${closeStyle("dim")} `;
    return { shown, rest: line.slice(quote[0].length), styles: ["italic"] };
  }
  return { shown: "", rest: line, styles: [] };
};

/** The fence that a whole line opens. */
export const readFence = (line: string): Fence | undefined => {
  const run = fence.exec(line)?.[1];
  return run === undefined ? undefined : { marker: run.charAt(0), length: run.length };
};

/** Whether a line, whole or not, may close the fence, and whether it does if it ends here. */
export const readFenceEnd = (line: string, { marker, length }: Fence): "closes" | "may close" | "code" => {
  const run = line.trimStart().match(marker === "`" ? /^`*(?=[ \t]*$)/ : /^~*(?=[ \t]*$)/)?.[0];
  if (run === undefined) return "code";
  return run.length >= length ? "closes" : "may close";
};

export const isRule = (line: string): boolean => rule.test(line);
