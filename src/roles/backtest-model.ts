import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { BacktestModelOptions } from "../cli/roles.ts";
import { GatewayError } from "../core/errors.ts";
import type { BacktestReport } from "../core/ports/backtest.ts";
import { modelPolicy } from "../routing/backtest/model-policy.ts";
import { runBacktest } from "../routing/backtest/run-backtest.ts";
import { decodeModel } from "../routing/learned/model-file/decode-model.ts";
import { openReadOnly } from "../runtime/sqlite.ts";
import { createSqliteLearningStore } from "../stores/sqlite/learning-store.ts";
import { pendingMigrations } from "../stores/sqlite/migrations.ts";
import { openDataFolder } from "./data-folder.ts";

const readModel = (file: string) => {
  try {
    // Not as Node's own kind of bytes, whose `slice` does not copy.
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new GatewayError("invalid_value", `${file} cannot be read.`, { cause });
  }
};

/**
 * Judges a model file by the calls in a data folder's database, read-only. Throws GatewayError `storage_unavailable`, or
 * `invalid_value` for an unusable file.
 */
export const backtestModel = async (options: BacktestModelOptions): Promise<BacktestReport> => {
  const { file, aim, query } = options;
  const policy = modelPolicy(decodeModel(readModel(file), file), basename(file), aim);
  const folder = openDataFolder(options.local.data, options.local.environment);
  const database = openReadOnly({ path: folder.database });
  try {
    if (pendingMigrations(database).length > 0)
      throw new GatewayError(
        "storage_unavailable",
        `The database ${folder.database} was made by an older version. Run \`intellirouter migrate\` first.`,
      );
    return await runBacktest(createSqliteLearningStore(database), query, policy);
  } finally {
    database.close();
  }
};
