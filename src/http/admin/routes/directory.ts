import type { z } from "zod";
import type { ErrorCode } from "../../../core/errors.ts";
import type { DirectoryEntry, DirectoryFields, DirectoryKind } from "../../../core/ports/directory-store.ts";
import { entryOf } from "../audited-object.ts";
import { type AdminRouteDefinition, defineRoute } from "../route.ts";
import { directoryQuery } from "../schemas/directory.ts";

/** What tenants, teams and users differ in; all else of their routes is the same. */
export interface DirectoryRoutes<
  Kind extends DirectoryKind,
  One extends z.ZodType,
  List extends z.ZodType,
  Request extends z.ZodType,
  Change extends z.ZodType,
> {
  readonly kind: Kind;
  /** Of all of them, and of one. */
  readonly paths: { readonly all: string; readonly one: string };
  /** For operation ids: `Tenant`, `Tenants`. */
  readonly names: { readonly one: string; readonly all: string };
  readonly schemas: { readonly one: One; readonly list: List; readonly request: Request; readonly change: Change };
  readonly show: (entry: DirectoryEntry<Kind>) => z.input<One>;
  /** The id that was given; absent where one is made. */
  readonly read: (body: z.output<Request>) => { readonly id?: string; readonly fields: DirectoryFields[Kind] };
  readonly readChange: (body: z.output<Change>) => Partial<DirectoryFields[Kind]>;
}

type Param = (name: string) => string;

const tag = "tenants";
const changeErrors: readonly ErrorCode[] = ["not_found", "conflict", "precondition_failed"];

/** List, make, show, change and remove. */
export const directoryRoutes = <
  Kind extends DirectoryKind,
  One extends z.ZodType,
  List extends z.ZodType,
  Request extends z.ZodType,
  Change extends z.ZodType,
>({
  kind,
  paths,
  names,
  schemas,
  show,
  read,
  readChange,
}: DirectoryRoutes<Kind, One, List, Request, Change>): readonly AdminRouteDefinition[] => {
  const placeOf = (param: Param) => ({ tenant: param("tenant"), id: param(kind) });
  const object = entryOf(kind);
  return [
    defineRoute({
      method: "get",
      path: paths.all,
      operationId: `list${names.all}`,
      tag,
      summary: `List the ${kind}s by id`,
      status: 200,
      query: directoryQuery,
      response: schemas.list,
      errors: ["not_found"],
      handle: async ({ param, query, caller }, { directory }) => {
        const within = kind === "tenant" ? {} : { tenant: param("tenant") };
        const { entries, next } = await directory(caller).list(kind, { ...within, ...query });
        return { value: { data: entries.map(show), next } as z.input<List> };
      },
    }),
    defineRoute({
      method: "post",
      path: paths.all,
      operationId: `make${names.one}`,
      tag,
      summary: `Make a ${kind}`,
      status: 201,
      audit: { action: `${kind}.create`, order: "with", object },
      body: schemas.request,
      response: schemas.one,
      errors: ["not_found", "conflict"],
      handle: async ({ param, body, caller }, { directory }) => {
        const { id, fields } = read(body);
        const tenant = kind === "tenant" ? (id ?? "") : param("tenant");
        const given = { tenant, fields, ...(id === undefined ? {} : { id }) };
        const entry = await directory(caller).create(kind, given);
        return { value: show(entry), revision: entry.revision };
      },
    }),
    defineRoute({
      method: "get",
      path: paths.one,
      operationId: `show${names.one}`,
      tag,
      summary: `Show a ${kind}`,
      status: 200,
      response: schemas.one,
      errors: ["not_found"],
      handle: async ({ param, caller }, { directory }) => {
        const entry = await directory(caller).get(kind, placeOf(param));
        return { value: show(entry), revision: entry.revision };
      },
    }),
    defineRoute({
      method: "patch",
      path: paths.one,
      operationId: `change${names.one}`,
      tag,
      summary: `Change a ${kind}; what is left out stays as it is`,
      status: 200,
      conditional: "required",
      audit: { action: `${kind}.update`, order: "with", object },
      body: schemas.change,
      response: schemas.one,
      errors: changeErrors,
      handle: async ({ param, body, caller, ifMatch }, { directory }) => {
        const change = { fields: readChange(body), expectedRevision: ifMatch ?? 0 };
        const entry = await directory(caller).change(kind, placeOf(param), change);
        return { value: show(entry), revision: entry.revision };
      },
    }),
    defineRoute({
      method: "delete",
      path: paths.one,
      operationId: `delete${names.one}`,
      tag,
      summary: `Remove a ${kind}, where nothing hangs on it`,
      status: 204,
      conditional: true,
      audit: { action: `${kind}.delete`, order: "with", object },
      errors: changeErrors,
      handle: async ({ param, caller, ifMatch }, { directory }) => {
        await directory(caller).remove(kind, placeOf(param), { expectedRevision: ifMatch });
        return { value: undefined };
      },
    }),
  ];
};
