import { closeStyle, openStyle, type StyleName } from "../style.ts";
import { opensSpan, type Reading, readSpan } from "./read-span.ts";

/** Renders one line's inline constructs, a character at a time. */
export interface InlineRenderer {
  push(character: string): string;
  endLine(): string;
}

/** A construct that has not ended after so many characters is taken as text, so that a stream never stalls. */
const longestSpan = 1_000;
const mayDecide = /[\\`*_~)\]]/;

type Span = Extract<Reading, { kind: "span" }>;

/** `active` are the styles that already hold: they are not opened again, since closing would end them too early. */
export const openInline = (active: readonly StyleName[]): InlineRenderer => {
  let held = "";
  let before = "";

  const renderSpan = ({ styles, inner, nests, address }: Span): string => {
    const added = styles.filter((style) => !active.includes(style));
    const content = nests === "nests" ? renderInline(inner, [...active, ...added]) : inner;
    const shown = added.map(openStyle).join("") + content + added.toReversed().map(closeStyle).join("");
    return address === undefined || address === inner ? shown : `${shown} (${address})`;
  };

  const take = (length: number): string => {
    const taken = held.slice(0, length);
    before = taken.at(-1) ?? before;
    held = held.slice(length);
    return taken;
  };

  const drain = (isLast: boolean): string => {
    let output = "";
    while (held !== "") {
      if (!opensSpan(held[0] ?? "")) {
        output += take(1);
        continue;
      }
      const read = readSpan(held, { before, isLast });
      const isTooLong = read.kind === "wait" && held.length > longestSpan;
      if (read.kind === "wait" && !isTooLong) break;
      if (read.kind === "span") {
        take(read.length);
        output += renderSpan(read);
      } else output += take(read.kind === "literal" ? read.length : 1);
    }
    return output;
  };

  return {
    push(character) {
      const last = held.at(-1) ?? "";
      held += character;
      // Most characters cannot end what is held: looking at all of it for each would take quadratic time.
      if (held.length > 4 && held.length <= longestSpan && !mayDecide.test(last + character)) return "";
      return drain(false);
    },
    endLine() {
      const output = drain(true);
      before = "";
      return output;
    },
  };
};

const renderInline = (text: string, active: readonly StyleName[]): string => {
  const renderer = openInline(active);
  const output = Array.from({ length: text.length }, (_, index) => renderer.push(text[index] ?? "")).join("");
  return output + renderer.endLine();
};
