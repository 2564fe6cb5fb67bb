import type { ProviderSettings } from "../../core/ports/provider.ts";

/** Where Cohere itself answers. */
export const defaultBaseUrl = "https://api.cohere.com";

/** The address of a path with its version; a base URL may already end with one. */
export const endpointUrl = ({ baseUrl = defaultBaseUrl }: ProviderSettings, path: string): string =>
  `${baseUrl.replace(/\/v[12]$/, "")}${path}`;
