import type { z } from "zod";
import type { Caller } from "../../core/caller.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { ActDescription, AuditAct, AuditObject } from "../../core/ports/audit.ts";
import type { AdminDependencies } from "./dependencies.ts";

/** One request to the admin API, checked. */
export interface AdminInput<Query, Body> {
  /** Of the path; every name that stands in it is there. */
  readonly param: (name: string) => string;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** The revision of `If-Match`. */
  readonly ifMatch: number | undefined;
  readonly signal: AbortSignal;
  /** What is under way here; of a route that only shows, one that is written nowhere. */
  readonly act: AuditAct;
}

export interface AdminAnswer<Value> {
  readonly value: Value;
  /** Sent as `ETag`. */
  readonly revision?: number | null;
}

/** How the audit log tells of a route that changes something. */
export interface RouteAudit extends Pick<ActDescription, "action" | "order"> {
  /** What is acted on, as the address names it; a store that changes it may know better. */
  readonly object: (param: (name: string) => string | null) => AuditObject;
}

/** Only what changes nothing does without a row in the audit log. */
type RouteMethod =
  | { readonly method: "get"; readonly audit?: never }
  | { readonly method: "put" | "post" | "patch" | "delete"; readonly audit: RouteAudit };

interface RouteHead {
  /** Below `/admin/v1`, parameters as `{name}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly status: 200 | 201 | 204;
  /** Takes `If-Match`, or does nothing without. */
  readonly conditional?: true | "required";
  /** May come without a body, which then counts as `{}`. */
  readonly bodyOptional?: true;
  /** Codes that may be answered, beside those that every route may answer. */
  readonly errors: readonly ErrorCode[];
}

interface RouteParts<Query extends z.ZodType, Body extends z.ZodType, Response extends z.ZodType> extends RouteHead {
  readonly query?: Query;
  readonly body?: Body;
  /** Absent where the answer has no body. */
  readonly response?: Response;
  readonly handle: (
    input: AdminInput<z.output<Query>, z.output<Body>>,
    dependencies: AdminDependencies,
  ) => Promise<AdminAnswer<z.input<Response>>>;
}

export type RouteDefinition<Query extends z.ZodType, Body extends z.ZodType, Response extends z.ZodType> = RouteMethod &
  RouteParts<Query, Body, Response>;

/** A route of the admin API: the table that both the server and its description are made from. */
export type AdminRouteDefinition = RouteMethod &
  RouteHead & {
    readonly query?: z.ZodType;
    readonly body?: z.ZodType;
    readonly response?: z.ZodType;
    readonly handle: (
      input: AdminInput<never, never>,
      dependencies: AdminDependencies,
    ) => Promise<AdminAnswer<unknown>>;
  };

/** Ties a handler to its schemas, and forgets their types: what calls it has checked the values against them. */
export const defineRoute = <
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Response extends z.ZodType = z.ZodUndefined,
>(
  definition: RouteDefinition<Query, Body, Response>,
): AdminRouteDefinition => definition;
