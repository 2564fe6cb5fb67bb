import type { ConfiguredProvider } from "../../roles.ts";
import type { CliSystem } from "../../system.ts";
import { fetchProviders } from "../providers.ts";
import type { Check, Finding } from "./check.ts";

const probeMilliseconds = 700;

/** Servers of local models, where they listen when nothing else was said. */
const localServers = [
  { name: "Ollama", url: "http://127.0.0.1:11434", path: "/api/version" },
  { name: "LM Studio", url: "http://127.0.0.1:1234", path: "/v1/models" },
  { name: "llama.cpp", url: "http://127.0.0.1:8080", path: "/v1/models" },
] as const;

const checkKey = ({ name, kind, keyless, keyCount, keyVariables }: ConfiguredProvider): Finding => {
  const check = `provider ${name}`;
  if (keyCount > 0)
    return { check, status: "ok", detail: `${kind}, ${keyCount === 1 ? "has a key" : `has ${keyCount} keys`}` };
  if (keyless) return { check, status: "ok", detail: `${kind}, needs no key` };
  const [variable] = keyVariables;
  const advice = `Set providers.${name}.apiKey in the configuration${variable === undefined ? "" : `, or ${variable} in the environment`}.`;
  return { check, status: "fail", detail: `${kind}, has no key`, advice };
};

/** Every configured provider has the key that it needs. */
export const checkProviders: Check = async ({ context, configuration }) => {
  if (configuration === undefined) return [];
  if (configuration.providers.length > 0) return configuration.providers.map(checkKey);
  // The mock answers in every installation.
  const others = (await context.withClient(fetchProviders)).filter(({ kind }) => kind !== "mock");
  if (others.length > 0)
    return [
      { check: "providers", status: "ok", detail: `stored or found: ${others.map(({ name }) => name).join(", ")}` },
    ];
  const advice = "Set OPENAI_API_KEY or the like, start a local model server, or run `intellirouter providers add`.";
  return [{ check: "providers", status: "warn", detail: "none, but for the built-in mock", advice }];
};

const isThere = async (system: CliSystem, { url, path }: (typeof localServers)[number]): Promise<boolean> => {
  try {
    const answer = await system.fetch(new Request(url + path, { signal: AbortSignal.timeout(probeMilliseconds) }));
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
};

/** Which servers of local models run on this machine. None is fine. */
export const checkLocalServers: Check = async ({ context: { system } }) => {
  const present = await Promise.all(
    localServers.map(async (server) => ((await isThere(system, server)) ? [server] : [])),
  );
  const names = present.flat().map(({ name, url }) => `${name} at ${url}`);
  return [
    {
      check: "local models",
      status: "ok",
      detail: names.length === 0 ? "no local model server found" : names.join(", "),
    },
  ];
};
