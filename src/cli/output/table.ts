import { onOneLine } from "./sanitise.ts";
import type { Style, StyleName } from "./style.ts";
import { textWidth, truncate } from "./text-width.ts";

export type Cell = string | { readonly text: string; readonly style: StyleName };

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Never cut: ids that people copy. */
  readonly rigid?: true;
}

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Cells of the terminal; Infinity where nothing is to be cut. */
  readonly width: number;
  readonly style: Style;
}

const gap = "  ";
const narrowest = 6;

const cellText = (cell: Cell): string => onOneLine(typeof cell === "string" ? cell : cell.text);

/** Takes from the widest column that may be cut until the row fits, or no column can give any more. */
const fit = (natural: readonly number[], columns: readonly Column[], width: number): readonly number[] => {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1)) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, one] of widths.entries())
      if (columns[index]?.rigid !== true && one > narrowest && (widest === -1 || one > (widths[widest] ?? 0)))
        widest = index;
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
};

/** Rows in aligned columns under a heading, each line ended by a line feed. Control characters never get through. */
export const formatTable = ({ columns, rows, width, style }: TableOptions): string => {
  const heading = columns.map(({ title }): Cell => ({ text: title, style: "bold" }));
  const all = [heading, ...rows];
  const natural = columns.map((_, index) => Math.max(...all.map((row) => textWidth(cellText(row[index] ?? "")))));
  const widths = fit(natural, columns, width);
  const line = (row: readonly Cell[]): string => {
    const cells = columns.map(({ align }, index) => {
      const cell = row[index] ?? "";
      const space = widths[index] ?? 0;
      const text = truncate(cellText(cell), space);
      const padding = " ".repeat(Math.max(0, space - textWidth(text)));
      const shown = typeof cell === "string" ? text : style(cell.style, text);
      if (align === "right") return padding + shown;
      return index === columns.length - 1 ? shown : shown + padding;
    });
    return `${cells.join(gap).trimEnd()}\n`;
  };
  return all.map(line).join("");
};
