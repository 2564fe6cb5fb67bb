import type { CliRoles } from "../cli/roles.ts";
import { secretsAct } from "./audit-acts.ts";
import { openDataFolder } from "./data-folder.ts";
import { lostSecrets } from "./open-secrets.ts";
import { openUnsettledStorage } from "./open-storage.ts";

/** Takes away the secrets whose master key is lost; an act of this machine's owner. Gives the providers' names. */
export const forgetSecrets: CliRoles["forgetSecrets"] = async (options) => {
  const folder = openDataFolder(options.data, options.environment);
  const storage = openUnsettledStorage(folder, "process", options.environment);
  try {
    if (lostSecrets(storage.secrets.list(), storage.masterKeys).length === 0) return { providers: [] };
    const act = secretsAct("local", "forget");
    return { providers: await storage.audit.perform(act, () => storage.secrets.forget()) };
  } finally {
    storage.close();
  }
};
