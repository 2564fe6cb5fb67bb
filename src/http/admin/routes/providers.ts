import { validate } from "../../validate.ts";
import { providerOf } from "../audited-object.ts";
import { conditionOf, findProvider, refuseReadOnly, replacing } from "../find-object.ts";
import { defineRoute } from "../route.ts";
import {
  providerList,
  providerName,
  providerRequest,
  providerResponse,
  providerTest,
  showProvider,
  showTest,
} from "../schemas/providers.ts";

const tag = "providers";
const defaultPriority = 100;

export const providerRoutes = [
  defineRoute({
    method: "get",
    path: "/providers",
    operationId: "listProviders",
    tag,
    summary: "List the providers, wherever they come from",
    status: 200,
    response: providerList,
    errors: [],
    handle: async (_, { registry }) => ({ value: { data: (await registry.providers()).map(showProvider) } }),
  }),
  defineRoute({
    method: "get",
    path: "/providers/{name}",
    operationId: "showProvider",
    tag,
    summary: "Show a provider",
    status: 200,
    response: providerResponse,
    errors: ["not_found"],
    handle: async ({ param }, { registry }) => {
      const provider = await findProvider(registry, param("name"));
      return { value: showProvider(provider), revision: provider.revision };
    },
  }),
  defineRoute({
    method: "put",
    path: "/providers/{name}",
    operationId: "putProvider",
    tag,
    summary: "Add a provider, or replace one with its ETag; absent apiKey and options stay as they are",
    status: 200,
    audit: { action: "provider.put", order: "with", object: providerOf },
    conditional: true,
    body: providerRequest,
    response: providerResponse,
    errors: ["conflict", "precondition_failed", "precondition_required"],
    handle: async ({ param, body, ifMatch, caller }, { registry, judgeProvider }) => {
      const name = validate(providerName, param("name"));
      const present = (await registry.providers()).find((one) => one.name === name);
      // One that was merely found gives way to one of the same name that was put here.
      if (present?.source === "configuration") refuseReadOnly(`The provider '${name}'`, present);
      const condition = replacing(present?.revision, ifMatch);
      const specification = { ...body, priority: body.priority ?? defaultPriority, enabled: body.enabled ?? true };
      await judgeProvider(specification, caller);
      const provider = await registry.putProvider(name, specification, condition);
      return { value: showProvider(provider), revision: provider.revision };
    },
  }),
  defineRoute({
    method: "delete",
    path: "/providers/{name}",
    operationId: "deleteProvider",
    tag,
    summary: "Remove a provider",
    status: 204,
    audit: { action: "provider.delete", order: "with", object: providerOf },
    conditional: true,
    errors: ["not_found", "conflict", "precondition_failed"],
    handle: async ({ param, ifMatch }, { registry }) => {
      const provider = await findProvider(registry, param("name"));
      refuseReadOnly(`The provider '${provider.name}'`, provider);
      await registry.removeProvider(provider.name, conditionOf(ifMatch));
      return { value: undefined };
    },
  }),
  defineRoute({
    method: "post",
    path: "/providers/{name}/test",
    operationId: "testProvider",
    tag,
    summary: "Ask a provider for its models, to see whether it answers and takes its key",
    status: 200,
    audit: { action: "provider.test", order: "ahead", object: providerOf },
    response: providerTest,
    errors: ["not_found"],
    handle: async ({ param, signal }, { registry }) => {
      const { name } = await findProvider(registry, param("name"));
      return { value: showTest(await registry.testProvider(name, signal)) };
    },
  }),
];
