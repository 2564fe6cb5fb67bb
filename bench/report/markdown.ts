import type { Table } from "../sections/section.ts";

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** A table in Markdown, its title above it. */
export const tableToMarkdown = ({ title, columns, rows }: Table): string =>
  [`**${title}**`, "", line(columns), line(columns.map(() => "---")), ...rows.map(line), ""].join("\n");
