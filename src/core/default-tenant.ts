/** The tenant of all that was made before there were several, and of the platform itself. */
export const defaultTenant = "default";
