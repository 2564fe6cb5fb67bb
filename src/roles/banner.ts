import type { RegistrySnapshot } from "../registry/registry.ts";

const shown = 6;

const describeModels = (names: readonly string[]): string => {
  if (names.length === 0) return "no models";
  const rest = names.length - shown;
  return names.slice(0, shown).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
};

/** The providers that answered, each with its models, and those that did not, each with the reason. */
export const describeProviders = (snapshot: RegistrySnapshot): readonly string[] =>
  [...snapshot.providers.values()].map((entry) =>
    entry.check?.error === undefined
      ? `  ✓ ${entry.name}: ${describeModels([...entry.served.keys()])}`
      : `  ✗ ${entry.name}: ${entry.check.error}`,
  );

/** A model that certainly answers, for the first call: a found one where there is one, else the built-in mock. */
export const modelToTry = (snapshot: RegistrySnapshot): string => {
  for (const entry of snapshot.providers.values()) {
    if (entry.check?.error !== undefined || entry.check?.listed === undefined || entry.source === "built-in") continue;
    const model = [...entry.served].find(([, facts]) => facts.embeddings !== true && entry.module.keyless)?.[0];
    if (model !== undefined) return `${entry.name}/${model}`;
  }
  return "mock/mock-llama";
};

/** A command that can be pasted as it is. */
export const exampleCurl = (url: string, options: { readonly model: string; readonly needsKey: boolean }): string =>
  [
    `curl ${url}/v1/chat/completions \\`,
    ...(options.needsKey ? [`  -H "authorization: Bearer $INTELLIROUTER_API_KEY" \\`] : []),
    "  -H 'content-type: application/json' \\",
    `  -d '{"model":"${options.model}","messages":[{"role":"user","content":"Hello!"}]}'`,
  ].join("\n");
