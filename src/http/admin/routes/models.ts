import { GatewayError } from "../../../core/errors.ts";
import { targetId } from "../../../core/model.ts";
import { modelOf } from "../audited-object.ts";
import type { AdminModel } from "../dependencies.ts";
import { conditionOf, findModel, findProvider, refuseReadOnly, replacing } from "../find-object.ts";
import { defineRoute } from "../route.ts";
import { modelList, modelQuery, modelRequest, modelResponse, readFacts, showModel } from "../schemas/models.ts";

const tag = "models";
type Param = (name: string) => string;

const idOf = (param: Param) => ({ provider: param("provider"), model: param("model") });

const matches = ({ provider, model, facts }: AdminModel, search: string): boolean =>
  [targetId(provider, model), facts.name, facts.family].some((text) => text?.toLowerCase().includes(search));

const notFound = (): GatewayError =>
  new GatewayError("not_found", "There is no such model of this provider. List the models to see which there are.", {
    param: "model",
  });

export const modelRoutes = [
  defineRoute({
    method: "get",
    path: "/models",
    operationId: "listProviderModels",
    tag,
    summary: "List the models that are known, with their facts",
    status: 200,
    query: modelQuery,
    response: modelList,
    errors: [],
    handle: async ({ query }, { registry }) => {
      const search = (query.search ?? "").toLowerCase();
      const ofProvider = ({ provider }: AdminModel): boolean =>
        query.provider === undefined || provider === query.provider;
      const found = (await registry.models()).filter((model) => ofProvider(model) && matches(model, search));
      return { value: { data: found.slice(0, query.limit).map(showModel), total: found.length } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/models/{provider}/{model}",
    operationId: "showProviderModel",
    tag,
    summary: "Show a model of a provider",
    status: 200,
    response: modelResponse,
    errors: ["not_found"],
    handle: async ({ param }, { registry }) => {
      const model = await findModel(registry, idOf(param));
      if (model === undefined) throw notFound();
      return { value: showModel(model), revision: model.revision };
    },
  }),
  defineRoute({
    method: "put",
    path: "/models/{provider}/{model}",
    operationId: "putProviderModel",
    tag,
    summary:
      "Add a model of a provider, or state facts that stand above the catalogue's; with its ETag, replace what was put",
    status: 200,
    audit: { action: "model.put", order: "with", object: modelOf },
    conditional: true,
    body: modelRequest,
    response: modelResponse,
    errors: ["not_found", "precondition_failed", "precondition_required"],
    handle: async ({ param, body, ifMatch }, { registry }) => {
      const id = idOf(param);
      await findProvider(registry, id.provider);
      const specification = { facts: readFacts(body.facts), enabled: body.enabled ?? true };
      const condition = replacing((await findModel(registry, id))?.revision, ifMatch);
      const model = await registry.putModel(id, specification, condition);
      return { value: showModel(model), revision: model.revision };
    },
  }),
  defineRoute({
    method: "delete",
    path: "/models/{provider}/{model}",
    operationId: "deleteProviderModel",
    tag,
    summary: "Remove what was put here of a model; what the catalogue or the provider knows of it stays",
    status: 204,
    audit: { action: "model.delete", order: "with", object: modelOf },
    conditional: true,
    errors: ["not_found", "conflict", "precondition_failed"],
    handle: async ({ param, ifMatch }, { registry }) => {
      const id = idOf(param);
      const model = await findModel(registry, id);
      if (model === undefined) throw notFound();
      refuseReadOnly("The model", model);
      await registry.removeModel(id, conditionOf(ifMatch));
      return { value: undefined };
    },
  }),
];
