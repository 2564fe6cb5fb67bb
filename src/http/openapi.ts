import type { JsonObject } from "../core/json.ts";
import { describeAdminApi } from "./admin/open-api.ts";
import { publicPaths } from "./openapi/public-paths.ts";
import { publicSchemas } from "./openapi/public-schemas.ts";
import { toComponents } from "./openapi/schema-object.ts";

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A key of this gateway, or a signed token of an issuer that its configuration names.",
  },
  apiKey: {
    type: "apiKey",
    in: "header",
    name: "x-api-key",
    description: "The same key, as Anthropic's clients send it.",
  },
} satisfies JsonObject;

/** The OpenAPI 3.1 description of everything that the gateway serves: what `/openapi.json` answers. */
export const createOpenApiDocument = ({ version }: { readonly version: string }): JsonObject => {
  const admin = describeAdminApi();
  return {
    openapi: "3.1.0",
    info: {
      title: "IntelliRouter",
      version,
      description:
        "A gateway for language models that speaks OpenAI's and Anthropic's API. A key is needed once one exists; until then the gateway serves its own machine only.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: { ...publicPaths, ...admin.paths },
    components: { securitySchemes, schemas: { ...toComponents(publicSchemas), ...admin.schemas } },
  };
};
