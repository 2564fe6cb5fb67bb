import { keyOf } from "../audited-object.ts";
import { defineRoute } from "../route.ts";
import {
  keyChange,
  keyList,
  keyRequest,
  keyResponse,
  madeKeyResponse,
  rotationRequest,
  showKey,
  showMadeKey,
} from "../schemas/keys.ts";

const tag = "keys";

export const keyRoutes = [
  defineRoute({
    method: "get",
    path: "/keys",
    operationId: "listKeys",
    tag,
    summary: "List the keys, oldest first",
    status: 200,
    response: keyList,
    errors: [],
    handle: async ({ caller }, { keys }) => ({ value: { data: (await keys(caller).list()).map(showKey) } }),
  }),
  defineRoute({
    method: "post",
    path: "/keys",
    operationId: "makeKey",
    tag,
    summary: "Make a key; the answer shows it this once",
    status: 201,
    audit: { action: "key.create", order: "with", object: () => ({ kind: "key", id: null }) },
    body: keyRequest,
    response: madeKeyResponse,
    errors: ["conflict"],
    handle: async ({ body, caller }, { keys }) => {
      const { expiresAt, ...rest } = body;
      const expires = typeof expiresAt === "string" ? Date.parse(expiresAt) : null;
      return { value: showMadeKey(await keys(caller).make({ ...rest, expiresAt: expires })) };
    },
  }),
  defineRoute({
    method: "get",
    path: "/keys/{id}",
    operationId: "showKey",
    tag,
    summary: "Show a key, without the key itself",
    status: 200,
    response: keyResponse,
    errors: ["not_found"],
    handle: async ({ param, caller }, { keys }) => {
      const key = await keys(caller).get(param("id"));
      return { value: showKey(key), revision: key.revision };
    },
  }),
  defineRoute({
    method: "patch",
    path: "/keys/{id}",
    operationId: "changeKey",
    tag,
    summary: "Change a key; what is left out stays as it is, the key itself too",
    status: 200,
    conditional: "required",
    audit: { action: "key.update", order: "with", object: keyOf },
    body: keyChange,
    response: keyResponse,
    errors: ["not_found", "conflict", "precondition_failed"],
    handle: async ({ param, body, caller, ifMatch }, { keys }) => {
      const { expiresAt, ...rest } = body;
      const expires = typeof expiresAt === "string" ? Date.parse(expiresAt) : expiresAt;
      const change = { ...rest, expiresAt: expires, expectedRevision: ifMatch ?? 0 };
      const key = await keys(caller).change(param("id"), change);
      return { value: showKey(key), revision: key.revision };
    },
  }),
  defineRoute({
    method: "post",
    path: "/keys/{id}/rotate",
    operationId: "rotateKey",
    tag,
    summary: "Make a key in another's place; the old one ends at once or after an overlap",
    status: 201,
    audit: { action: "key.rotate", order: "with", object: keyOf },
    body: rotationRequest,
    bodyOptional: true,
    response: madeKeyResponse,
    errors: ["not_found", "conflict"],
    handle: async ({ param, body, caller }, { keys }) => ({
      value: showMadeKey(await keys(caller).rotate(param("id"), body)),
    }),
  }),
  defineRoute({
    method: "post",
    path: "/keys/{id}/revoke",
    operationId: "revokeKey",
    tag,
    summary: "End a key at once and for good",
    status: 200,
    audit: { action: "key.revoke", order: "with", object: keyOf },
    response: keyResponse,
    errors: ["not_found"],
    handle: async ({ param, caller }, { keys }) => ({ value: showKey(await keys(caller).revoke(param("id"))) }),
  }),
];
