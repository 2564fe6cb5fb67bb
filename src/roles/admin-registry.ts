import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { ProviderRecord, RegistryStore, Revisioned } from "../core/ports/registry-store.ts";
import type {
  AdminCondition,
  AdminModel,
  AdminProvider,
  AdminProviderTest,
  AdminRegistry,
  AdminRoute,
} from "../http/admin/dependencies.ts";
import type { ProviderCheck, ProviderEntry, ProviderSource } from "../registry/provider-entry.ts";
import type { Registry } from "../registry/registry.ts";
import type { RouteSettings } from "../routing/settings.ts";
import { readStoredProvider } from "./stored-providers.ts";

export interface AdminRegistryParts {
  readonly store: RegistryStore;
  readonly registry: Registry;
  readonly now: () => number;
  readonly resolveSecret: (reference: string) => Promise<string>;
  /** Brings the registry to what the database says. */
  readonly reloadStored: () => Promise<void>;
  readonly check: (name: string) => Promise<ProviderCheck | undefined>;
  readonly routes: () => Readonly<Record<string, RouteSettings>>;
}

const sourceOf = (source: ProviderSource): AdminProvider["source"] => (source === "built-in" ? "discovery" : source);

const toTest = (check: ProviderCheck): AdminProviderTest & { readonly at: number } => ({
  at: check.at,
  ok: check.error === undefined,
  latencyMilliseconds: check.latencyMilliseconds,
  models: check.listed?.map(({ id }) => id) ?? [],
  error: check.error ?? null,
});

const toProvider = (entry: ProviderEntry, revision: number | null): AdminProvider => ({
  name: entry.name,
  kind: entry.module.kind,
  baseUrl: entry.settings.baseUrl ?? entry.module.defaultBaseUrl ?? null,
  source: sourceOf(entry.source),
  enabled: true,
  priority: entry.priority,
  hasKey: entry.settings.apiKeys.length > 0,
  modelCount: entry.served.size,
  revision,
  lastTest: entry.check === undefined ? null : toTest(entry.check),
});

/** A stored provider that is turned off, or whose settings cannot be used now. */
const toIdleProvider = ({ value, revision }: Revisioned<ProviderRecord>): AdminProvider => ({
  name: value.name,
  kind: String(value.settings["kind"]),
  baseUrl: typeof value.settings["baseUrl"] === "string" ? value.settings["baseUrl"] : null,
  source: "database",
  enabled: value.enabled,
  priority: value.priority,
  hasKey: value.settings["apiKey"] !== undefined,
  modelCount: 0,
  revision,
  lastTest: null,
});

const explain = (cause: unknown): string => {
  if (cause instanceof z.ZodError) return z.prettifyError(cause);
  return cause instanceof Error ? cause.message : String(cause);
};

/** A key is for the server that it was given for: whoever may change an address must not get at the key thereby. */
const refuseKeyElsewhere = (before: JsonObject | undefined, after: { kind: string; baseUrl?: string | undefined }) => {
  if (before?.["apiKey"] === undefined) return;
  if (before["kind"] === after.kind && before["baseUrl"] === after.baseUrl) return;
  throw new GatewayError(
    "missing_required_parameter",
    "The provider is to be reached elsewhere, and its key was given for the former address. Give 'apiKey' again, or null.",
    { param: "apiKey" },
  );
};

const noProvider = (name: string): GatewayError =>
  new GatewayError("not_found", `There is no provider '${name}'. GET /admin/v1/providers lists them.`);

/** The registry as the admin API sees and changes it. A change is in effect when its promise resolves. */
export const createAdminRegistry = (parts: AdminRegistryParts): AdminRegistry => {
  const { store, registry, now, reloadStored } = parts;
  const entryOf = (name: string): ProviderEntry | undefined => registry.snapshot().providers.get(name);
  const stored = async (name: string) => (await store.list("provider")).find(({ value }) => value.name === name);
  const changeOf = (condition: AdminCondition) => ({ ...condition, at: now() });

  /** Objects of the file are the file's to change. */
  const refuseForeign = (name: string): void => {
    const entry = entryOf(name);
    if (entry !== undefined && entry.source === "configuration")
      throw new GatewayError(
        "conflict",
        `Provider '${name}' stands in the configuration file. Change it there; the file is read again at once.`,
      );
  };

  const providers = async (): Promise<readonly AdminProvider[]> => {
    const records = new Map((await store.list("provider")).map((record) => [record.value.name, record]));
    const active = [...registry.snapshot().providers.values()].map((entry) =>
      // One that was found may stand where a stored one is turned off, and is put in its place.
      toProvider(entry, entry.source === "configuration" ? null : (records.get(entry.name)?.revision ?? null)),
    );
    const names = new Set(active.map(({ name }) => name));
    return [...active, ...[...records.values()].filter(({ value }) => !names.has(value.name)).map(toIdleProvider)];
  };

  const oneProvider = async (name: string): Promise<AdminProvider> => {
    const found = (await providers()).find((provider) => provider.name === name);
    if (found === undefined) throw noProvider(name);
    return found;
  };

  return {
    providers,
    async putProvider(name, { priority, enabled, apiKey, ...rest }, condition) {
      refuseForeign(name);
      const before = await stored(name);
      if (apiKey === undefined || apiKey === "[secret]") refuseKeyElsewhere(before?.value.settings, rest);
      const key = apiKey === undefined ? before?.value.settings["apiKey"] : (apiKey ?? undefined);
      const options = rest.options ?? before?.value.settings["options"];
      const settings = JSON.parse(JSON.stringify({ ...rest, options, apiKey: key })) as JsonObject;
      // Judged before it is kept: what is stored can be used. A kept secret reads `[secret]` here, which is a text.
      await readStoredProvider(name, settings, parts.resolveSecret).catch((cause: unknown) => {
        throw new GatewayError("invalid_value", `Provider '${name}': ${explain(cause)}`, { cause });
      });
      await store.put("provider", { name, settings, priority, enabled }, changeOf(condition));
      await reloadStored();
      if (enabled) await parts.check(name);
      return oneProvider(name);
    },
    async removeProvider(name, condition) {
      refuseForeign(name);
      if ((await stored(name)) === undefined) {
        if (entryOf(name) === undefined) throw noProvider(name);
        throw new GatewayError(
          "conflict",
          `Provider '${name}' was found, not added. Turn it off under 'discovery', or unset its variable.`,
        );
      }
      await store.remove("provider", name, changeOf(condition));
      await reloadStored();
    },
    async testProvider(name, _signal) {
      const check = await parts.check(name);
      if (check === undefined) throw noProvider(name);
      return toTest(check);
    },
    async models() {
      const records = new Map(
        (await store.list("model")).map((record) => [`${record.value.provider}/${record.value.model}`, record]),
      );
      const served = [...registry.snapshot().providers.values()].flatMap((entry) =>
        [...entry.served].map(([model, facts]): AdminModel => {
          const record = records.get(`${entry.name}/${model}`);
          const source = record === undefined ? sourceOf(entry.source) : "database";
          return { provider: entry.name, model, enabled: true, source, revision: record?.revision ?? null, facts };
        }),
      );
      const stand = new Set((await providers()).map(({ name }) => name));
      const shown = new Set(served.map(({ provider, model }) => `${provider}/${model}`));
      const hidden = [...records]
        .filter(([id, { value }]) => !shown.has(id) && stand.has(value.provider))
        .map(([, record]) => record)
        .map(({ value, revision }): AdminModel => ({ ...value, source: "database", revision }));
      return [...served, ...hidden];
    },
    async putModel({ provider, model }, { facts, enabled }, condition) {
      if (entryOf(provider) === undefined && (await stored(provider)) === undefined) throw noProvider(provider);
      const revision = await store.put("model", { provider, model, facts, enabled }, changeOf(condition));
      await reloadStored();
      const effective = entryOf(provider)?.served.get(model) ?? facts;
      return { provider, model, enabled, source: "database", revision, facts: effective };
    },
    async removeModel({ provider, model }, condition) {
      await store.remove("model", `${provider}/${model}`, changeOf(condition));
      await reloadStored();
    },
    routes: () =>
      Object.entries(parts.routes()).map(
        ([name, { strategy, targets }]): AdminRoute => ({
          name,
          kind: "declared",
          strategy: strategy.kind ?? "composed",
          targets: targets.map((entry) =>
            typeof entry === "string" ? { id: entry, weight: 1 } : { id: entry.target, weight: entry.weight },
          ),
        }),
      ),
  };
};
