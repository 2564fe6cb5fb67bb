import type { JsonObject, JsonValue } from "../../core/json.ts";
import { targetId } from "../../core/model.ts";
import type { AuditObject } from "../../core/ports/audit.ts";
import type { DirectoryKind } from "../../core/ports/directory-store.ts";
import type { AdminConfigurationEntry } from "./dependencies.ts";

/** Null where the address holds something that is no parameter. */
type Param = (name: string) => string | null;

/** An id of ours is shown; what else somebody put in its place might be the key itself. */
export const keyOf = (param: Param): AuditObject => {
  const id = param("id");
  return { kind: "key", id: id !== null && /^key_[\w-]{1,40}$/.test(id) ? id : null };
};

/** A tenant, or a team or user with its tenant. */
export const entryOf =
  (kind: DirectoryKind) =>
  (param: Param): AuditObject => {
    const [tenant, id] = [param("tenant"), param(kind)];
    return { kind, id: kind === "tenant" || id === null ? (kind === "tenant" ? tenant : null) : `${tenant}/${id}` };
  };

export const providerOf = (param: Param): AuditObject => ({ kind: "provider", id: param("name") });

export const modelOf = (param: Param): AuditObject => {
  const [provider, model] = [param("provider"), param("model")];
  return { kind: "model", id: provider === null || model === null ? null : targetId(provider, model) };
};

/** Values by path, secrets masked, for the audit log to tell what changed. */
export const configurationFields = (entries: readonly AdminConfigurationEntry[]): JsonObject =>
  Object.fromEntries(entries.map(({ path, value }) => [path, value as JsonValue]));
