/** What a statement changed. */
export interface SqlChanges {
  readonly changes: number | bigint;
  readonly lastInsertRowid: number | bigint;
}

/** A prepared statement; parameters are positional. Integers beyond 2⁵³ lose their last digits. */
export interface SqlStatement {
  run(parameters?: readonly unknown[]): SqlChanges;
  get<Row = unknown>(parameters?: readonly unknown[]): Row | undefined;
  all<Row = unknown>(parameters?: readonly unknown[]): Row[];
  iterate<Row = unknown>(parameters?: readonly unknown[]): IterableIterator<Row>;
}

/**
 * One connection to an embedded SQL database: what the stores need of it. Synchronous. A database that is locked for
 * longer than its busy timeout, full, unreadable or damaged throws GatewayError `storage_unavailable`.
 */
export interface SqlDatabase {
  /** Runs statements that take no parameters and give no rows. */
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  /** Runs `work` in one transaction that takes the write lock at once; a throw rolls it back. Not nested. */
  transaction<Result>(work: () => Result): Result;
  /** Closes the connection; again does nothing. */
  close(): void;
}
