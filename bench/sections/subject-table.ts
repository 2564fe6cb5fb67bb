import type { Subject } from "../subjects/subject.ts";
import type { Table } from "./section.ts";

/** A column's title, and its cell for a subject. */
export type Column = readonly [string, (subject: Subject) => string];

/** A table with one row for each subject. */
export const subjectTable = (title: string, subjects: readonly Subject[], columns: readonly Column[]): Table => ({
  title,
  columns: ["", ...columns.map(([name]) => name)],
  rows: subjects.map((subject) => [subject.name, ...columns.map(([, cell]) => cell(subject))]),
});
