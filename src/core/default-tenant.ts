/** The tenant of all that was made before there were several, and of the platform itself. */
export const defaultTenant = "default";

/** Whose calls those are that no client asked for: shadows, judges. No tenant can have this name. */
export const ownTenant = "!gateway";
