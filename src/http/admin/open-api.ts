import type { z } from "zod";
import type { ErrorCode } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { content, errorResponses, everyBody, everyRoute, reference } from "../openapi/responses.ts";
import { toComponents, toSchemaObject } from "../openapi/schema-object.ts";
import { adminBase } from "./create-admin-app.ts";
import type { AdminRouteDefinition } from "./route.ts";
import { adminRoutes } from "./routes/index.ts";
import { namedSchemas } from "./schemas/registry.ts";

const schemaOf = (schema: z.ZodType): JsonObject => {
  const id = namedSchemas.get(schema)?.id;
  return id === undefined ? toSchemaObject(schema) : reference(id);
};

const pathParameters = (path: string): JsonObject[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
    ...(name === "model" ? { description: "May hold slashes, as they are or encoded." } : {}),
  }));

const queryParameters = (query: z.ZodType | undefined): JsonObject[] => {
  if (query === undefined) return [];
  const { properties } = toSchemaObject(query) as { readonly properties?: Record<string, JsonObject> };
  return Object.entries(properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: false,
    ...(description === undefined ? {} : { description }),
    schema,
  }));
};

const ifMatch = {
  name: "If-Match",
  in: "header",
  required: false,
  description:
    "The ETag that the change was made from. Where the object has changed since, the answer is `precondition_failed`.",
  schema: { type: "string" },
} satisfies JsonObject;

const errorsOf = (route: AdminRouteDefinition): readonly ErrorCode[] => [
  ...everyRoute,
  "permission_denied",
  "forbidden_origin",
  "invalid_value",
  "unsupported_parameter",
  ...(route.body === undefined ? [] : everyBody),
  ...(route.conditional === "required" ? (["precondition_required"] as const) : []),
  ...route.errors,
];

const success = ({ status, response, conditional, method }: AdminRouteDefinition): JsonObject => {
  const description = status === 204 ? "Done." : status === 201 ? "Made." : "The answer.";
  const hasTag = conditional !== undefined && method !== "delete";
  const tag = {
    headers: { ETag: { description: "The object's revision, for If-Match.", schema: { type: "string" } } },
  };
  return {
    [status]: { description, ...(hasTag ? tag : {}), ...(response === undefined ? {} : content(schemaOf(response))) },
  };
};

const describe = (route: AdminRouteDefinition): JsonObject => {
  const { operationId, summary, tag, path, query, body } = route;
  const parameters = [
    ...pathParameters(path),
    ...queryParameters(query),
    ...(route.conditional === undefined ? [] : [{ ...ifMatch, required: route.conditional === "required" }]),
  ];
  return {
    operationId,
    summary,
    tags: [`admin: ${tag}`],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: route.bodyOptional !== true, ...content(schemaOf(body)) } }),
    responses: { ...success(route), ...errorResponses(errorsOf(route), "Error") },
  };
};

const describePaths = (): Record<string, JsonObject> => {
  const paths: Record<string, JsonObject> = {};
  for (const route of adminRoutes) {
    const path = adminBase + route.path;
    paths[path] = { ...paths[path], [route.method]: describe(route) };
  }
  return paths;
};

/** The admin API's part of the OpenAPI document. Refers to the schema `Error`, which the document holds. */
export const describeAdminApi = (): {
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly schemas: Readonly<Record<string, JsonObject>>;
} => ({ paths: describePaths(), schemas: toComponents(namedSchemas) });
