import { GatewayError } from "../core/errors.ts";
import type { SecretBox } from "../core/ports/secret-box.ts";
import type { SecretStore, StoredSecret } from "../core/ports/secret-store.ts";
import { encryption } from "../runtime/encryption.ts";
import { readEnvironmentKeys } from "../secrets/environment-keys.ts";
import { openKeyFile } from "../secrets/key-file.ts";
import { KeyRing } from "../secrets/key-ring.ts";
import { createSecretBox } from "../secrets/secret-box.ts";
import { secretsAct } from "./audit-acts.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Storage } from "./open-storage.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface MasterKeys {
  readonly ring: KeyRing;
  readonly box: SecretBox;
}

/** The master keys as they are found; none is made. Throws GatewayError `invalid_value` or `storage_unavailable`. */
export const openMasterKeys = (folder: DataFolder, environment: Environment): MasterKeys => {
  const ring = new KeyRing({
    file: openKeyFile(folder.masterKey),
    environment: readEnvironmentKeys(environment),
    encryption,
  });
  return { ring, box: createSecretBox(ring, encryption) };
};

/** Those whose master key is not here. */
export const lostSecrets = (secrets: readonly StoredSecret[], { box }: MasterKeys): readonly StoredSecret[] =>
  secrets.filter(({ masterKey }) => masterKey !== null && !box.knows(masterKey));

const lostError = (missing: readonly StoredSecret[], folder: DataFolder): GatewayError => {
  const [providers, keys] = [missing.map(({ provider }) => provider), missing.map(({ masterKey }) => masterKey)].map(
    (names) => [...new Set(names)].join(", "),
  );
  return new GatewayError(
    "storage_unavailable",
    `The credentials of these providers are encrypted with a master key that is not here (${keys}): ${providers}. ` +
      `Restore ${folder.masterKey} from the backup that belongs to this database, or set INTELLIROUTER_MASTER_KEY as it was. ` +
      "Where it is lost for good: `intellirouter secrets forget` takes these credentials away, and they must be given again.",
  );
};

/** Brings all secrets under the newest key, and then drops the keys that nothing needs. `renew` makes a new key first. */
const bringUnderNewest = ({ secrets }: Pick<Storage, "secrets">, { ring }: MasterKeys, how: "as-is" | "renew") => {
  const resealed = secrets.reseal(how === "renew" ? () => ring.renew() : undefined);
  secrets.underLock((used) => ring.keepOnly(used));
  return resealed;
};

/** Whether a secret stands as text or under another key than the newest. */
const isUnsettled = (secrets: SecretStore, newest: string | undefined): boolean =>
  secrets.list().some(({ masterKey }) => masterKey !== newest);

/**
 * Sees to it that there is a master key, and that all secrets are encrypted with the newest: those of an older version
 * of this program, which stood as text, and those of a rotation that was not finished. Throws GatewayError
 * `storage_unavailable` where the key of some is lost; no other key is made then.
 */
export const settleSecrets = async (storage: Storage, keys: MasterKeys, folder: DataFolder): Promise<void> => {
  const missing = lostSecrets(storage.secrets.list(), keys);
  if (missing.length > 0) throw lostError(missing, folder);
  keys.ring.ensure();
  if (isUnsettled(storage.secrets, keys.box.newest()))
    await storage.audit.perform(secretsAct("program", "seal"), () => bringUnderNewest(storage, keys, "as-is"));
  storage.secrets.removeTraces();
};

/** Makes a new master key and brings all secrets under it; part of an act. Throws `conflict` for the environment's. */
export const rotateMasterKey = (storage: Storage): { readonly masterKey: string; readonly secrets: number } => {
  const { moved } = bringUnderNewest(storage, storage.masterKeys, "renew");
  return { masterKey: storage.masterKeys.box.newest() ?? "none", secrets: moved };
};

/** What may be told of the secrets. */
export const describeSecrets = ({ secrets, masterKeys }: Storage) => ({
  masterKey: masterKeys.box.newest() ?? "none",
  source: masterKeys.ring.isFromEnvironment ? ("environment" as const) : ("file" as const),
  providers: [...new Set(secrets.list().map(({ provider }) => provider))],
});
