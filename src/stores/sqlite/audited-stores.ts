import { GatewayError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { targetId } from "../../core/model.ts";
import type { AuditedChange, AuditJoin, AuditObject } from "../../core/ports/audit.ts";
import type { AuditPruner } from "../../core/ports/audit-pruner.ts";
import type { CatalogueStore } from "../../core/ports/catalogue.ts";
import type { DirectoryKind, DirectoryPlace, DirectoryStore } from "../../core/ports/directory-store.ts";
import type { KeyStore } from "../../core/ports/key-store.ts";
import type { RegistryKind, RegistryObjects, RegistryStore } from "../../core/ports/registry-store.ts";
import type { SecretBox } from "../../core/ports/secret-box.ts";
import type { SecretStore } from "../../core/ports/secret-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { readAuditBeginning } from "./audit-pruner.ts";
import { createAuditAppender } from "./audit-store.ts";
import { later } from "./later.ts";
import { hideSecrets } from "./provider-secrets.ts";
import { createSqliteSecretStore } from "./secret-store.ts";

interface AdministeredStores {
  readonly keys: KeyStore;
  readonly directory: DirectoryStore;
  readonly registry: RegistryStore;
  readonly catalogue: CatalogueStore;
  readonly secrets: SecretStore;
  readonly auditPruner: AuditPruner;
}

export interface AuditedParts {
  readonly database: SqlDatabase;
  readonly audit: AuditJoin;
  readonly box: SecretBox;
  /** Opens the stores on a database. */
  readonly open: (database: SqlDatabase) => AdministeredStores;
}

/** What a store is about to change, and how it reads before and after. */
interface Subject {
  readonly object: AuditObject;
  readonly read: () => JsonObject | null;
  readonly show?: AuditedChange["show"];
}

const unwritten = (cause: unknown): GatewayError =>
  new GatewayError(
    "storage_unavailable",
    "The audit log cannot be written, so nothing was changed. Check the database and its disk; the log has the cause.",
    { cause },
  );

/** A database in whose transactions the rows are written of what is changed `during` them. */
const joinAudit = (database: SqlDatabase, audit: AuditJoin) => {
  const { append } = createAuditAppender(database, audit.seal);
  let subject: Subject | undefined;
  let reached = false;

  const change = <Result>({ object, read, show }: Subject, work: () => Result): Result =>
    database.transaction(() => {
      const before = read();
      const result = work();
      const entry = audit.entryOf({ object, before, after: read(), ...(show === undefined ? {} : { show }) });
      try {
        append(entry);
      } catch (cause) {
        throw unwritten(cause);
      }
      return result;
    });

  const joined: SqlDatabase = {
    ...database,
    transaction(work) {
      if (subject === undefined) return database.transaction(work);
      reached = true;
      const result = change(subject, work);
      audit.committed();
      return result;
    },
  };
  /** The stores are synchronous within, so that their transaction is over when `work` has returned. */
  const during = <Result>(about: Subject, work: () => Result): Result => {
    subject = about;
    reached = false;
    try {
      const result = work();
      if (!reached) throw new GatewayError("internal_error", "A store changed something without its audit row.");
      return result;
    } finally {
      subject = undefined;
    }
  };
  return { joined, during };
};

const fieldName = (column: string): string =>
  column.replace(/_json$/, "").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const fieldValue = (column: string, value: JsonValue): JsonValue => {
  if (typeof value === "string" && column.endsWith("_json")) return JSON.parse(value) as JsonValue;
  return typeof value === "number" && column.endsWith("_at") ? new Date(value).toISOString() : value;
};

/** Neither says what an administrator did, and the digest is nobody's to see. */
const leftOut = new Set(["id", "digest", "last_used_at", "revision"]);

const keyReader = (database: SqlDatabase) => {
  const find = database.prepare("SELECT * FROM keys WHERE id = ?");
  const findSuccessor = database.prepare("SELECT id FROM keys WHERE rotated_from = ?");
  return (id: string) => (): JsonObject | null => {
    const row = find.get<Record<string, JsonValue>>([id]);
    if (row === undefined) return null;
    const fields = Object.entries(row).flatMap(([column, value]) =>
      leftOut.has(column) || value === null ? [] : [[fieldName(column), fieldValue(column, value)] as const],
    );
    const successor = findSuccessor.get<{ id: string }>([id]);
    return { ...Object.fromEntries(fields), ...(successor === undefined ? {} : { replacedBy: successor.id }) };
  };
};

const nameOf = <Kind extends RegistryKind>(kind: Kind, value: RegistryObjects[Kind]): string => {
  const fields = value as Readonly<Record<string, unknown>>;
  if (kind === "model") return targetId(String(fields["provider"]), String(fields["model"]));
  return String(fields[kind === "override" ? "model" : "name"]);
};

const objectReader = (database: SqlDatabase) => {
  const find = database.prepare("SELECT value_json FROM objects WHERE kind = ? AND name = ?");
  return (kind: RegistryKind, name: string): Subject => ({
    object: { kind, id: name },
    read: () => {
      const row = find.get<{ value_json: string }>([kind, name]);
      return row === undefined ? null : (JSON.parse(row.value_json) as JsonObject);
    },
    show: hideSecrets,
  });
};

/** Teams and users are named with their tenant. */
const entryReader = (database: SqlDatabase) => {
  const find = later(database, "SELECT fields_json FROM directory WHERE kind = ? AND tenant = ? AND id = ?");
  return (kind: DirectoryKind, { tenant, id }: DirectoryPlace): Subject => ({
    object: { kind, id: kind === "tenant" ? id : `${tenant}/${id}` },
    read: () => {
      const row = find().get<{ fields_json: string }>([kind, tenant, id]);
      return row === undefined ? null : (JSON.parse(row.fields_json) as JsonObject);
    },
  });
};

const catalogueReader = (database: SqlDatabase) => (): JsonObject | null => {
  const asOf = database
    .prepare("SELECT as_of FROM catalogue_imports ORDER BY rowid DESC LIMIT 1")
    .get<{ as_of: string }>();
  const { models } = database.prepare("SELECT count(*) AS models FROM catalogue").get<{ models: number }>() ?? {};
  return asOf === undefined ? null : { asOf: asOf.as_of, models: models ?? 0 };
};

/** Which master key there is, and which one each provider's secrets are encrypted with. */
const secretsReader = (database: SqlDatabase, box: SecretBox) => {
  const { list } = createSqliteSecretStore(database, box);
  return (): JsonObject => ({
    masterKey: box.newest() ?? "none",
    providers: Object.fromEntries(list().map(({ provider, masterKey }) => [provider, masterKey ?? "not encrypted"])),
  });
};

/** The stores of what is administered; each change has its row in the same transaction, or is not made. */
export const auditStores = ({ database, audit, box, open }: AuditedParts): AdministeredStores => {
  const { joined, during } = joinAudit(database, audit);
  const { keys, directory, registry, catalogue, secrets, auditPruner } = open(joined);
  const ofAudit: Subject = { object: { kind: "audit", id: null }, read: readAuditBeginning(database) };
  const ofSecrets: Subject = { object: { kind: "secrets", id: null }, read: secretsReader(database, box) };
  const entryOf = entryReader(database);
  const keyFields = keyReader(database);
  const objectOf = objectReader(database);
  const keyOf = (id: string): Subject => ({ object: { kind: "key", id }, read: keyFields(id) });
  return {
    keys: {
      ...keys,
      insert: async (record) => during(keyOf(record.id), () => keys.insert(record)),
      change: async (id, ...rest) => during(keyOf(id), () => keys.change(id, ...rest)),
      revoke: async (id, at) => during(keyOf(id), () => keys.revoke(id, at)),
      rotate: async (rotation) => during(keyOf(rotation.id), () => keys.rotate(rotation)),
    },
    directory: {
      ...directory,
      create: async (kind, made) => during(entryOf(kind, made), () => directory.create(kind, made)),
      change: async (kind, place, change) => during(entryOf(kind, place), () => directory.change(kind, place, change)),
      remove: async (kind, place, change) => during(entryOf(kind, place), () => directory.remove(kind, place, change)),
    },
    registry: {
      ...registry,
      put: async (kind, value, made) =>
        during(objectOf(kind, nameOf(kind, value)), () => registry.put(kind, value, made)),
      remove: async (kind, name, made) => during(objectOf(kind, name), () => registry.remove(kind, name, made)),
    },
    catalogue: {
      ...catalogue,
      replace: (imported, at) =>
        during({ object: { kind: "catalogue", id: null }, read: catalogueReader(database) }, () =>
          catalogue.replace(imported, at),
        ),
    },
    secrets: {
      ...secrets,
      reseal: (prepare) => during(ofSecrets, () => secrets.reseal(prepare)),
      forget: () => during(ofSecrets, () => secrets.forget()),
    },
    auditPruner: {
      ...auditPruner,
      pruneBefore: (time) => during(ofAudit, () => auditPruner.pruneBefore(time)),
    },
  };
};
