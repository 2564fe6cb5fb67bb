import type { Caller } from "../../core/caller.ts";

/** The filter that keeps a caller to what is of his tenant; none for the platform's own. */
export const withinTenant = ({ tenant, everywhere }: Caller): { readonly tenant?: string } =>
  everywhere ? {} : { tenant };

/** Whether something of a tenant is there for a caller. */
export const isVisible = ({ tenant, everywhere }: Caller, of: { readonly tenant: string }): boolean =>
  everywhere || of.tenant === tenant;
