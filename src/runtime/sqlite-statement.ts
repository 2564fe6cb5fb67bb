import type { SQLQueryBindings, Statement } from "bun:sqlite";
import type { SqlStatement } from "../core/ports/sql.ts";

type Guard = <Result>(work: () => Result) => Result;
type Parameters = readonly unknown[];
const none: Parameters = [];

// The runtime takes one array in the place of many arguments, and binds it without spreading it.
const bind = (parameters: Parameters): SQLQueryBindings => parameters as unknown as SQLQueryBindings;

/** The port's statement over the runtime's; errors pass through `guarded`. */
export const wrapStatement = (statement: Statement<unknown, SQLQueryBindings[]>, guarded: Guard): SqlStatement => ({
  run: (parameters = none) => guarded(() => statement.run(bind(parameters))),
  get: <Row>(parameters = none) => guarded(() => (statement.get(bind(parameters)) ?? undefined) as Row | undefined),
  all: <Row>(parameters = none) => guarded(() => statement.all(bind(parameters)) as Row[]),
  iterate: <Row>(parameters = none) => guarded(() => statement.iterate(bind(parameters)) as IterableIterator<Row>),
});
