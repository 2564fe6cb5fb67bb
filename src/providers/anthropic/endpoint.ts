import type { ProviderSettings } from "../../core/ports/provider.ts";

/** Where Anthropic itself answers. */
export const defaultBaseUrl = "https://api.anthropic.com";

/** The version of the wire format that this translator speaks ("Versions", Anthropic API reference). */
const apiVersion = "2023-06-01";

/** The address of a path under `/v1`; a base URL may already end with it. */
export const endpointUrl = ({ baseUrl = defaultBaseUrl }: ProviderSettings, path: string): string =>
  `${baseUrl.endsWith("/v1") ? baseUrl : `${baseUrl}/v1`}${path}`;

export const endpointHeaders = ({ headers }: ProviderSettings): Readonly<Record<string, string>> => ({
  "anthropic-version": apiVersion,
  ...headers,
});
