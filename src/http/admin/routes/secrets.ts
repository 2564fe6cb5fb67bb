import { defineRoute } from "../route.ts";
import { rotateSecretsResponse, secretsResponse } from "../schemas/secrets.ts";

const tag = "secrets";

export const secretRoutes = [
  defineRoute({
    method: "get",
    path: "/secrets",
    operationId: "showSecrets",
    tag,
    summary: "Show which master key the credentials in the database are encrypted with",
    status: 200,
    response: secretsResponse,
    errors: [],
    handle: async (_, { secrets }) => {
      const { masterKey, source, providers } = secrets.state();
      return { value: { masterKey, source, providers: [...providers] } };
    },
  }),
  defineRoute({
    method: "post",
    path: "/secrets/rotate",
    operationId: "rotateMasterKey",
    tag,
    summary: "Make a new master key and bring all credentials in the database under it",
    status: 200,
    audit: { action: "secrets.rotate", order: "with", object: () => ({ kind: "secrets", id: null }) },
    response: rotateSecretsResponse,
    errors: ["conflict"],
    handle: async (_, { secrets }) => {
      const { masterKey, secrets: count } = secrets.rotate();
      return { value: { masterKey, secrets: count } };
    },
  }),
];
