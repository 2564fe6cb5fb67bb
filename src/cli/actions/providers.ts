import { z } from "zod";
import { CliError, wrongUsage } from "../cli-error.ts";
import type { ApiClient } from "../connect.ts";
import type { CliContext } from "../context.ts";
import { formatCount, formatMilliseconds } from "../output/quantities.ts";
import type { Cell } from "../output/table.ts";
import { listOf, request, segment } from "../request.ts";
import { confirmRemoval } from "./confirm.ts";
import { type ProviderFlags, readKindOptions, readPriority, readProviderKey } from "./provider-settings.ts";

const providerSchema = z.looseObject({
  name: z.string(),
  kind: z.string(),
  baseUrl: z.string().nullish(),
  source: z.string().catch("?"),
  enabled: z.boolean().catch(true),
  priority: z.number().nullish(),
  hasKey: z.boolean().catch(false),
  modelCount: z.number().nullish(),
  revision: z.number().nullish(),
  lastTest: z.looseObject({ ok: z.boolean(), latencyMilliseconds: z.number(), error: z.string().nullish() }).nullish(),
});
export type ShownProvider = z.output<typeof providerSchema>;

export const fetchProviders = (client: ApiClient): Promise<readonly ShownProvider[]> =>
  request(client, { path: "/admin/v1/providers", schema: listOf(providerSchema) });

const pathOf = (name: string): string => `/admin/v1/providers/${segment(name)}`;

const state = ({ enabled, lastTest }: ShownProvider): Cell => {
  if (!enabled) return { text: "disabled", style: "dim" };
  if (!lastTest) return { text: "not tested", style: "dim" };
  if (!lastTest.ok) return { text: `fails: ${lastTest.error ?? "unknown"}`, style: "red" };
  return { text: `ok, ${formatMilliseconds(lastTest.latencyMilliseconds)}`, style: "green" };
};

export const listProviders = async ({ withClient, print, table }: CliContext): Promise<void> => {
  const providers = await withClient(fetchProviders);
  print({ data: providers }, () =>
    table({
      columns: ["NAME", "KIND", "ADDRESS", "KEY", "MODELS", "FROM", "STATE"].map((title) =>
        title === "MODELS" ? { title, align: "right" } : { title },
      ),
      rows: providers.map((provider) => [
        provider.name,
        provider.kind,
        provider.baseUrl ?? "the kind's own",
        provider.hasKey ? "yes" : "no",
        formatCount(provider.modelCount),
        provider.source,
        state(provider),
      ]),
      empty: "No providers yet. Set OPENAI_API_KEY or the like, or add one with `intellirouter providers add`.",
    }),
  );
};

export const addProvider = async (context: CliContext, name: string, flags: ProviderFlags): Promise<void> => {
  const { withClient, print } = context;
  const settings = { kind: flags.kind, baseUrl: flags.baseUrl, priority: readPriority(flags.priority) };
  const options = readKindOptions(flags.option);
  const apiKey = await readProviderKey(context, flags, "ask");
  const added = await withClient(async (client) => {
    if ((await fetchProviders(client)).some((provider) => provider.name === name))
      throw new CliError(
        "failure",
        "conflict",
        `A provider '${name}' is there already. Change it with \`providers set\`.`,
      );
    const body = { ...settings, options, apiKey };
    return request(client, { method: "PUT", path: pathOf(name), body, schema: providerSchema });
  });
  print(
    added,
    () => `Added ${added.name}. See whether it answers with \`intellirouter providers test ${added.name}\`.\n`,
  );
};

export interface SetProviderFlags extends ProviderFlags {
  readonly enable?: boolean;
  readonly disable?: boolean;
}

export const setProvider = async (context: CliContext, name: string, flags: SetProviderFlags): Promise<void> => {
  if (flags.enable === true && flags.disable === true) throw wrongUsage("Give --enable or --disable, not both.");
  const priority = readPriority(flags.priority);
  const options = readKindOptions(flags.option);
  const apiKey = await readProviderKey(context, flags, "keep");
  const changed = await context.withClient(async (client) => {
    const present = (await fetchProviders(client)).find((provider) => provider.name === name);
    if (present === undefined)
      throw new CliError(
        "failure",
        "not_found",
        `There is no provider '${name}'. \`intellirouter providers\` lists them.`,
      );
    const body = {
      kind: present.kind,
      baseUrl: flags.baseUrl ?? present.baseUrl ?? undefined,
      priority: priority ?? present.priority ?? undefined,
      enabled: flags.enable === true || (flags.disable !== true && present.enabled),
      options: options ?? present["options"],
      apiKey,
    };
    const ifRevision = present.revision;
    return request(client, { method: "PUT", path: pathOf(name), body, ifRevision, schema: providerSchema });
  });
  context.print(changed, () => `Changed ${changed.name}.\n`);
};

export const removeProvider = async (
  context: CliContext,
  name: string,
  { yes }: { readonly yes?: boolean },
): Promise<void> => {
  await confirmRemoval(context, { yes, question: `Remove the provider '${name}' and its key?` });
  await context.withClient((client) => request(client, { method: "DELETE", path: pathOf(name), schema: z.unknown() }));
  context.print({ removed: name }, () => `Removed ${name}.\n`);
};
