import type { JsonObject } from "../json.ts";
import type { ModelFacts } from "../model.ts";

/** A provider that was added while the program runs. */
export interface ProviderRecord {
  readonly name: string;
  /** As in the configuration file. Secrets are `env:NAME`, `file:PATH` or the text itself. */
  readonly settings: JsonObject;
  /** Lower comes first. */
  readonly priority: number;
  readonly enabled: boolean;
}

/** A model of one provider, or what is known better of it than the catalogue does. */
export interface ModelRecord {
  readonly provider: string;
  readonly model: string;
  readonly facts: ModelFacts;
  readonly enabled: boolean;
}

/** What is known better of a model than the catalogue does, wherever it is served. */
export interface ModelOverride {
  readonly model: string;
  readonly facts: ModelFacts;
}

/** Kinds of objects, each with what names it: a provider's name, `provider/model`, or a model's name. */
export interface RegistryObjects {
  provider: ProviderRecord;
  model: ModelRecord;
  override: ModelOverride;
  /** Anything else that is set while the program runs. */
  setting: { readonly name: string; readonly value: JsonObject };
}
export type RegistryKind = keyof RegistryObjects;

/** An object and its state. Times are milliseconds since 1970. */
export interface Revisioned<Value> {
  readonly value: Value;
  /** From 1; each change adds one. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Why its secrets cannot be decrypted; absent where they can, or were not asked for. It then has none. */
  readonly unreadable?: string;
}

/** On what condition a change is made, and when it was. */
export interface Change {
  /** The revision that the change was made from; null where the object must not exist; absent: whatever it is. */
  readonly expectedRevision?: number | null;
  readonly at: number;
}

/**
 * Keeps the objects of the registry that the admin API made. Throws GatewayError `precondition_failed` where the expected
 * revision is not the present one, `not_found` for what is not there, `storage_unavailable` where the database cannot be used.
 */
export interface RegistryStore {
  /** For people: secrets that were written as text read `[secret]`. By name. */
  list<Kind extends RegistryKind>(kind: Kind): Promise<readonly Revisioned<RegistryObjects[Kind]>[]>;
  /** For the program itself: secrets decrypted. Never send this to a client or a log. */
  load<Kind extends RegistryKind>(kind: Kind): Promise<readonly Revisioned<RegistryObjects[Kind]>[]>;
  /** Adds or replaces. A secret given as `[secret]` stays as it was. Gives the new revision. */
  put<Kind extends RegistryKind>(kind: Kind, value: RegistryObjects[Kind], change: Change): Promise<number>;
  remove(kind: RegistryKind, name: string, change: Change): Promise<void>;
  /** Rises with each change, by this or another process. */
  version(): number | Promise<number>;
}
