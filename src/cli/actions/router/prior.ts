import { z } from "zod";
import type { ModelFacts, Target } from "../../../core/model.ts";
import { type DescribedTarget, describeTarget } from "../../../routing/learned/model-mapping/describe-prior.ts";
import { openShippedPrior } from "../../../routing/learned/model-mapping/shipped-prior.ts";
import { readShippedPrior } from "../../../runtime/shipped-files.ts";
import { wrongUsage } from "../../cli-error.ts";
import type { ApiClient } from "../../connect.ts";
import type { CliContext } from "../../context.ts";
import { onOneLine } from "../../output/sanitise.ts";
import { request } from "../../request.ts";

/** Of a model's facts, what the prior reads. */
const modelsSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      provider: z.string(),
      model: z.string(),
      facts: z.looseObject({
        price: z.looseObject({ input: z.number(), output: z.number() }).nullish(),
        releaseDate: z.string().nullish(),
      }),
    }),
  ),
});
const routesSchema = z.looseObject({
  data: z.array(z.looseObject({ targets: z.array(z.looseObject({ id: z.string() })) })),
});
type ListedModel = z.output<typeof modelsSchema>["data"][number];

const factsOf = ({ facts: { price, releaseDate } }: ListedModel): ModelFacts => ({
  ...(price ? { price } : {}),
  ...(releaseDate ? { releaseDate } : {}),
});

/** A target of the gateway; one that it does not have is judged by its name alone. */
const asTarget = (id: string, models: ReadonlyMap<string, ListedModel>): Target => {
  const listed = models.get(id);
  const slash = id.indexOf("/");
  const provider = slash < 1 ? "" : id.slice(0, slash);
  return listed === undefined
    ? { id, provider, kind: provider, model: id.slice(slash + 1), facts: {} }
    : { id, provider: listed.provider, kind: listed.provider, model: listed.model, facts: factsOf(listed) };
};

const listModels = async (client: ApiClient): Promise<ReadonlyMap<string, ListedModel>> => {
  const { data } = await request(client, {
    path: "/admin/v1/models",
    query: { limit: 10_000 },
    schema: modelsSchema,
  });
  return new Map(data.map((model) => [model.id, model]));
};

const targetsOfRoutes = async (client: ApiClient): Promise<readonly string[]> => {
  const { data } = await request(client, { path: "/admin/v1/routes", schema: routesSchema });
  return [...new Set(data.flatMap(({ targets }) => targets.map(({ id }) => id)))];
};

const percent = (share: number): string => `${Math.round(share * 100)}`;

const likeOf = ({ like, share, step }: DescribedTarget): string =>
  like === undefined || step === "exact" || share === 0 ? (like ?? "") : `${like} (${percent(share)} %)`;

/** What the shipped prior expects of the targets that are named, or of those of all routes. */
export const showPrior = async (context: CliContext, named: readonly string[]): Promise<void> => {
  const { targets, unlisted } = await context.withClient(async (client) => {
    const ids = named.length > 0 ? [...new Set(named)] : await targetsOfRoutes(client);
    if (ids.length === 0) throw wrongUsage("No route has a target. Name one, such as openai/gpt-5-mini.");
    const models = await listModels(client);
    return { targets: ids.map((id) => asTarget(id, models)), unlisted: ids.filter((id) => !models.has(id)) };
  });
  const prior = openShippedPrior(readShippedPrior);
  const described = targets.map((target) => describeTarget(prior, target));
  if (unlisted.length > 0)
    context.note(`The gateway does not know ${unlisted.map(onOneLine).join(", ")}: judged by the name alone.`);
  context.print({ version: prior.version, data: described }, () => {
    const kinds = Object.keys(described[0]?.quality ?? {});
    const right = (title: string) => ({ title, align: "right" }) as const;
    return context.table({
      columns: [
        ...["TARGET", "FOUND BY", "LIKE"].map((title) => ({ title })),
        ...kinds.map((kind) => right(`${kind.toUpperCase()} %`)),
        right("± LOGITS"),
      ],
      rows: described.map((one) => [
        onOneLine(one.target),
        one.step,
        likeOf(one),
        ...kinds.map((kind) => {
          const { expected, lower, upper } = one.quality[kind] ?? { expected: 0, lower: 0, upper: 0 };
          return `${percent(expected)} (${percent(lower)}–${percent(upper)})`;
        }),
        one.deviation.toFixed(2),
      ]),
      empty: "No targets.",
    });
  });
};
