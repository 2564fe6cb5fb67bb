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

/** A model that certainly answers, for the first call: one of a server of one's own, else the built-in mock. */
export const modelToTry = (snapshot: RegistrySnapshot): string | undefined => {
  const entries = [...snapshot.providers.values()].filter(
    ({ check }) => check?.error === undefined && check?.listed !== undefined,
  );
  const own = entries.filter(({ module, source }) => module.keyless && source !== "built-in");
  for (const entry of [...own, ...entries.filter(({ source }) => source === "built-in")]) {
    const chat = [...entry.served].find(([, facts]) => facts.embeddings !== true)?.[0];
    if (chat !== undefined) return `${entry.name}/${chat}`;
  }
  return undefined;
};

/** A command that can be pasted as it is. */
export const exampleCurl = (url: string, options: { readonly model: string; readonly needsKey: boolean }): string =>
  [
    `curl ${url}/v1/chat/completions \\`,
    ...(options.needsKey ? [`  -H "authorization: Bearer $INTELLIROUTER_API_KEY" \\`] : []),
    "  -H 'content-type: application/json' \\",
    `  -d '{"model":"${options.model}","messages":[{"role":"user","content":"Hello!"}]}'`,
  ].join("\n");
