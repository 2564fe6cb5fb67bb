import type { CliRoles } from "../cli/roles.ts";
import { version } from "./version.ts";

/** The program as the command line drives it. A command loads what it needs when it is carried out. */
export const cliRoles: CliRoles = {
  version: () => version,
  async up(options) {
    (await import("../runtime/launch-variables.ts")).adoptVariables();
    return (await import("./up.ts")).up(options);
  },
  openLocal: async (options) => (await import("./local.ts")).openLocal(options),
  dataFolder: async (options) =>
    (await import("./data-folder.ts")).openDataFolder(options.data, options.environment).path,
  loadConfiguration: async (options) => (await import("./inspect.ts")).reportConfiguration(options),
  inspectStorage: async (options) => (await import("./inspect.ts")).inspectStorage(options),
  inspectVariables: async (options) => (await import("./inspect-variables.ts")).inspectVariables(options),
  verifyLedger: async (options) => (await import("./verify-ledger.ts")).verifyLedgerOf(options),
  verifyAudit: async (options) => (await import("./verify-audit.ts")).verifyAuditOf(options),
  backtestModel: async (options) => (await import("./backtest-model.ts")).backtestModel(options),
  chaos: async (options) => (await import("./chaos.ts")).chaos(options),
  forgetSecrets: async (options) => (await import("./forget-secrets.ts")).forgetSecrets(options),
  migrate: async (options) => (await import("./prepare-storage.ts")).migrateStorage(options),
  seed: async (options) => (await import("./prepare-storage.ts")).seedStorage(options),
};
