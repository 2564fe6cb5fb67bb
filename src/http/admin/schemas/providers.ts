import { z } from "zod";
import type { AdminProvider, AdminProviderTest } from "../dependencies.ts";
import { listOf, named, showTime, time } from "./registry.ts";

export const source = z
  .enum(["configuration", "environment", "discovery", "database"])
  .describe("Where it comes from. What the configuration file names is changed there.");
export const revision = z.int().nullable().describe("Rises with each change; null for what is not of the database.");

const test = {
  ok: z.boolean(),
  latencyMilliseconds: z.number(),
  models: z.array(z.string()).describe("Models that the provider says it serves."),
  error: z.string().nullable(),
};

export const providerTest = named("ProviderTest", z.strictObject(test));

export const providerResponse = named(
  "Provider",
  z.strictObject({
    name: z.string(),
    kind: z.string(),
    baseUrl: z.string().nullable(),
    source,
    enabled: z.boolean(),
    priority: z.int().describe("Lower comes first."),
    hasKey: z.boolean().describe("Whether it has a key. The key is never shown."),
    modelCount: z.int(),
    revision,
    lastTest: z
      .strictObject({ at: time, ok: test.ok, latencyMilliseconds: test.latencyMilliseconds, error: test.error })
      .nullable(),
  }),
);
export const providerList = listOf("ProviderList", providerResponse);

/** A provider's name: the part before the slash in `provider/model`. */
export const providerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
  error: "expected up to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit",
});

const isPlainUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
};

export const providerRequest = named(
  "ProviderRequest",
  z.strictObject({
    kind: z.string().min(1).max(64).describe("`openai`, `anthropic`, `ollama` …"),
    baseUrl: z
      .string()
      .max(2_000)
      .refine(isPlainUrl, { error: "expected an http or https address without credentials, query or fragment" })
      .optional(),
    apiKey: z
      .string()
      .min(1)
      .max(10_000)
      .nullable()
      .optional()
      .describe("The key itself, `env:NAME` or `file:PATH`. Null takes the present key away; absent keeps it."),
    priority: z.int().min(0).max(1_000_000).optional().describe("Lower comes first; 100 when absent."),
    enabled: z.boolean().optional().describe("True when absent."),
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Options of the kind; absent keeps the present ones, `{}` takes them away."),
  }),
);

/** Credentials in an address are secrets like keys. */
const maskUrl = (url: string | null): string | null => url?.replace(/:\/\/[^/@\s]*@/, "://[secret]@") ?? null;

export const showTest = ({
  ok,
  latencyMilliseconds,
  models,
  error,
}: AdminProviderTest): z.input<typeof providerTest> => ({
  ok,
  latencyMilliseconds,
  models: [...models],
  error,
});

export const showProvider = (provider: AdminProvider): z.input<typeof providerResponse> => {
  const { lastTest } = provider;
  return {
    name: provider.name,
    kind: provider.kind,
    baseUrl: maskUrl(provider.baseUrl),
    source: provider.source,
    enabled: provider.enabled,
    priority: provider.priority,
    hasKey: provider.hasKey,
    modelCount: provider.modelCount,
    revision: provider.revision,
    lastTest:
      lastTest === null
        ? null
        : {
            at: showTime(lastTest.at),
            ok: lastTest.ok,
            latencyMilliseconds: lastTest.latencyMilliseconds,
            error: lastTest.error,
          },
  };
};
