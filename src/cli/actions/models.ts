import { z } from "zod";
import { CliError, wrongUsage } from "../cli-error.ts";
import type { ApiClient } from "../connect.ts";
import type { CliContext } from "../context.ts";
import { formatCount, formatTokens, formatUsd } from "../output/quantities.ts";
import type { Cell } from "../output/table.ts";
import { request, segment } from "../request.ts";
import { confirmRemoval } from "./confirm.ts";
import { type FactFlags, layFacts } from "./model-facts.ts";

const factsSchema = z.looseObject({
  contextTokens: z.number().nullish(),
  maxOutputTokens: z.number().nullish(),
  tools: z.boolean().nullish(),
  reasoning: z.boolean().nullish(),
  embeddings: z.boolean().nullish(),
  inputModalities: z.array(z.string()).nullish(),
  price: z.looseObject({ input: z.number(), output: z.number() }).nullish(),
});
const modelSchema = z.looseObject({
  id: z.string(),
  provider: z.string(),
  model: z.string(),
  enabled: z.boolean().catch(true),
  source: z.string().catch("?"),
  revision: z.number().nullish(),
  facts: factsSchema,
});
const listSchema = z.looseObject({ data: z.array(modelSchema), total: z.number().optional() });
type ShownModel = z.output<typeof modelSchema>;

const abilities = ({ tools, reasoning, embeddings, inputModalities }: ShownModel["facts"]): string =>
  [
    embeddings ? "embeddings" : "",
    tools ? "tools" : "",
    reasoning ? "reasoning" : "",
    ...(inputModalities ?? []).filter((modality) => modality !== "text"),
  ]
    .filter(Boolean)
    .join(", ");

const row = ({ id, facts, source, enabled }: ShownModel): readonly Cell[] => [
  enabled ? id : { text: `${id} (disabled)`, style: "dim" },
  formatTokens(facts.contextTokens),
  formatTokens(facts.maxOutputTokens),
  formatUsd(facts.price?.input),
  formatUsd(facts.price?.output),
  abilities(facts),
  source,
];

export interface ListModelsFlags {
  readonly provider?: string;
  readonly search?: string;
  readonly limit: string;
}

export const listModels = async (context: CliContext, { provider, search, limit }: ListModelsFlags): Promise<void> => {
  const { withClient, print, table, note } = context;
  const query = { provider, search, limit };
  const list = await withClient((client) => request(client, { path: "/admin/v1/models", query, schema: listSchema }));
  const right = (title: string) => ({ title, align: "right" }) as const;
  print(list, () =>
    table({
      columns: [
        { title: "MODEL" },
        ...["CONTEXT", "OUTPUT", "IN $/M", "OUT $/M"].map((title) => right(title)),
        { title: "ABLE TO" },
        { title: "FROM" },
      ],
      rows: list.data.map(row),
      empty:
        provider === undefined && search === undefined
          ? "No models yet. Configure a provider, or start a local model server."
          : "No model matches.",
    }),
  );
  const { total = list.data.length } = list;
  if (total > list.data.length)
    note(
      `${formatCount(list.data.length)} of ${formatCount(total)} models. Narrow it with --search, or raise --limit.`,
    );
};

const splitId = (id: string): { readonly provider: string; readonly model: string } => {
  const slash = id.indexOf("/");
  if (slash < 1 || slash === id.length - 1)
    throw wrongUsage(`A model is named provider/model, such as openai/gpt-5; got '${id}'.`);
  return { provider: id.slice(0, slash), model: id.slice(slash + 1) };
};

const pathOf = (id: string): string => {
  const { provider, model } = splitId(id);
  return `/admin/v1/models/${segment(provider)}/${model.split("/").map(segment).join("/")}`;
};

const findModel = async (client: ApiClient, id: string): Promise<ShownModel | undefined> => {
  const query = { provider: splitId(id).provider, limit: 10_000 };
  const { data } = await request(client, { path: "/admin/v1/models", query, schema: listSchema });
  return data.find((model) => model.id === id);
};

/** Facts without what the gateway itself adds to them. */
const statedFacts = ({ facts: { source: _, ...facts } }: ShownModel): Readonly<Record<string, unknown>> => facts;

export const addModel = async ({ withClient, print }: CliContext, id: string, flags: FactFlags): Promise<void> => {
  const body = { facts: layFacts({}, flags) };
  const path = pathOf(id);
  const added = await withClient(async (client) => {
    const present = await findModel(client, id);
    if (present?.source === "database")
      throw new CliError("failure", "conflict", `The model '${id}' is there already. Change it with \`models set\`.`);
    return request(client, { method: "PUT", path, body, schema: modelSchema });
  });
  print(added, () => `Added ${added.id}.\n`);
};

export interface SetModelFlags extends FactFlags {
  readonly enable?: boolean;
  readonly disable?: boolean;
}

export const setModel = async ({ withClient, print }: CliContext, id: string, flags: SetModelFlags): Promise<void> => {
  if (flags.enable === true && flags.disable === true) throw wrongUsage("Give --enable or --disable, not both.");
  const path = pathOf(id);
  const changed = await withClient(async (client) => {
    const present = await findModel(client, id);
    if (present === undefined)
      throw new CliError("failure", "not_found", `There is no model '${id}'. Add it with \`models add\`.`);
    const enabled = flags.enable === true || (flags.disable !== true && present.enabled);
    const body = { facts: layFacts(statedFacts(present), flags), enabled };
    return request(client, { method: "PUT", path, body, schema: modelSchema, ifRevision: present.revision });
  });
  print(changed, () => `Changed ${changed.id}.\n`);
};

export const removeModel = async (
  context: CliContext,
  id: string,
  { yes }: { readonly yes?: boolean },
): Promise<void> => {
  const path = pathOf(id);
  await confirmRemoval(context, { yes, question: `Remove what was stored of the model '${id}'?` });
  await context.withClient((client) => request(client, { method: "DELETE", path, schema: z.unknown() }));
  context.print({ removed: id }, () => `Removed ${id}.\n`);
};
