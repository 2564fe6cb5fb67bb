import { describe, expect, test } from "bun:test";
import { Ajv2020 } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { adminBase, createAdminRouter } from "./admin/create-admin-app.ts";
import { makeDependencies } from "./admin/fake-dependencies.ts";
import { createOpenApiDocument } from "./openapi.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}
const document = createOpenApiDocument({ version: "1.2.3" }) as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Everything in the document that is an object, however deep. */
const nodes = (value: unknown): Record<string, unknown>[] => {
  if (typeof value !== "object" || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value as Record<string, unknown>]), ...Object.values(value).flatMap(nodes)];
};
const resolve = (reference: string): unknown =>
  reference
    .slice(2)
    .split("/")
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], document);

describe("the OpenAPI document", () => {
  test("is of version 3.1 and names the program's version", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: "IntelliRouter", version: "1.2.3" });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test("every operation has an id of its own, and a good answer", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations) {
      expect(Object.keys(operation.responses).some((status) => status.startsWith("2"))).toBe(true);
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(description).not.toBe("");
      }
    }
  });

  test("every path parameter is declared, and no other", () => {
    for (const { path, operation } of operations) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(declared.every(({ required }) => required)).toBe(true);
      expect(declared.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
    }
  });

  test("every reference leads to something", () => {
    const references = nodes(document).flatMap(({ $ref }) => (typeof $ref === "string" ? [$ref] : []));
    expect(references.length).toBeGreaterThan(100);
    for (const reference of references) expect([reference, typeof resolve(reference)]).toEqual([reference, "object"]);
  });

  test("every named schema is a sound JSON Schema, and is used", () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema(document, "document");
    const text = JSON.stringify(document);
    for (const id of Object.keys(document.components.schemas)) {
      expect(() => ajv.compile({ $ref: `document#/components/schemas/${id}` })).not.toThrow();
      expect(text).toContain(`"#/components/schemas/${id}"`);
    }
    const check = ajv.compile({ $ref: "document#/components/schemas/ModelRequest" });
    expect(check({ facts: { contextTokens: 1, price: { input: 1, output: 1 } } })).toBe(true);
    expect(check({ facts: { contextTokens: 0 } })).toBe(false);
    expect(check({ facts: { colour: "red" } })).toBe(false);
  });

  test("holds the admin routes that the server has, and no others", () => {
    const { routes } = createAdminRouter(makeDependencies().dependencies);
    const served = routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")}`);
    const described = operations
      .filter(({ path }) => path.startsWith(adminBase))
      .map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(served.length).toBeGreaterThan(15);
    expect(described.sort()).toEqual(served.sort());
  });

  test("holds the public endpoints", () => {
    const expected = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models", "/v1/models/{id}"];
    const others = ["/v1/messages", "/v1/messages/count_tokens", "/healthz", "/readyz", "/metrics", "/openapi.json"];
    for (const path of [...expected, ...others]) expect(Object.keys(document.paths)).toContain(path);
  });
});
