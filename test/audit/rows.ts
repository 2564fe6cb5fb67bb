import { Database } from "bun:sqlite";
import { join } from "node:path";
import { administer, type Json } from "../e2e/ask.ts";
import type { RunningGateway } from "../support/start-gateway.ts";

/** Every row as the admin API gives it, oldest first. */
export const rowsOf = async (gateway: RunningGateway, query = ""): Promise<readonly Json[]> => {
  const rows: Json[] = [];
  for (let after: string | null = "0"; after !== null; ) {
    const { body } = await administer(gateway, `/audit?after=${after}&limit=500${query}`);
    rows.push(...body.data);
    after = body.next;
  }
  return rows;
};

/** The rows of one request, but for those that only announce it. */
export const endingsOf = (rows: readonly Json[], requestId: string | null): readonly Json[] =>
  rows.filter((row) => row.requestId === requestId && row.outcome !== "intended");

/** Works on the database itself, as somebody would who has the file. */
export const tamper = <Result>(folder: string, work: (database: Database) => Result): Result => {
  const database = new Database(join(folder, "intellirouter.db"));
  try {
    database.run("PRAGMA busy_timeout = 5000");
    return work(database);
  } finally {
    database.close();
  }
};
