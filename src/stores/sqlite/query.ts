import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { SqlChanges, SqlDatabase } from "../../core/ports/sql.ts";
import type { Tables } from "./tables.ts";

/**
 * Builds typed queries; it has no connection. They are run with {@link allRows}, {@link firstRow} and {@link change},
 * synchronously, so that they can stand in the connection's own transactions.
 */
export const query = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

export const allRows = <Row>(database: SqlDatabase, built: Compilable<Row>): Row[] => {
  const { sql, parameters } = built.compile();
  return database.prepare(sql).all<Row>(parameters);
};

export const firstRow = <Row>(database: SqlDatabase, built: Compilable<Row>): Row | undefined => {
  const { sql, parameters } = built.compile();
  return database.prepare(sql).get<Row>(parameters);
};

/** Gives how many rows were changed. */
export const change = (database: SqlDatabase, built: Compilable<unknown>): number => {
  const { sql, parameters } = built.compile();
  return Number((database.prepare(sql).run(parameters) satisfies SqlChanges).changes);
};
