import { describe } from "../auth/asks-routing.ts";
import { nameOf } from "../http/asks-a-store.ts";

/** Roles may import from every room. */
export const wire = (name: string): string => describe({ name }) + nameOf({ name });
