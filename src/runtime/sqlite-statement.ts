import type { SQLQueryBindings, Statement } from "bun:sqlite";
import type { SqlStatement } from "../core/ports/sql.ts";

type Guard = <Result>(work: () => Result) => Result;

const bind = (parameters: readonly unknown[] | undefined): SQLQueryBindings[] =>
  (parameters ?? []) as SQLQueryBindings[];

/** The port's statement over the runtime's; errors pass through `guarded`. */
export const wrapStatement = (statement: Statement<unknown, SQLQueryBindings[]>, guarded: Guard): SqlStatement => ({
  run: (parameters) => guarded(() => statement.run(...bind(parameters))),
  get: <Row>(parameters?: readonly unknown[]) =>
    guarded(() => (statement.get(...bind(parameters)) ?? undefined) as Row | undefined),
  all: <Row>(parameters?: readonly unknown[]) => guarded(() => statement.all(...bind(parameters)) as Row[]),
  iterate: <Row>(parameters?: readonly unknown[]) =>
    guarded(() => statement.iterate(...bind(parameters)) as IterableIterator<Row>),
});
