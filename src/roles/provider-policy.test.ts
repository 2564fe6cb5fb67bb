import { describe, expect, test } from "bun:test";
import type { AdminSettings } from "../http/admin/settings.ts";
import { createProviderPolicy, type Origin } from "./provider-policy.ts";

const names: Readonly<Record<string, readonly string[]>> = {
  "api.example.com": ["93.184.215.14"],
  "inward.example.com": ["93.184.215.14", "10.0.0.7"],
  "metadata.example.com": ["::ffff:169.254.169.254"],
};
const judge = async (
  specification: { readonly baseUrl?: string; readonly apiKey?: string },
  by: Origin,
  settings: Partial<AdminSettings> = {},
): Promise<string> => {
  const policy = createProviderPolicy({
    settings: () => ({ privateAddresses: "owner", secretReferences: "owner", ...settings }),
    resolve: async (name) => names[name] ?? Promise.reject(new Error("no such name")),
  });
  return policy({ kind: "openai", priority: 1, enabled: true, ...specification }, by).then(
    () => "allowed",
    (error: { readonly code: string; readonly param?: string }) => `${error.code} ${error.param}`,
  );
};

describe("a provider that is added through the admin API", () => {
  const [allowed, address, reference] = ["allowed", "invalid_value baseUrl", "invalid_value apiKey"];
  test.each([
    ["https://api.example.com/v1", allowed, allowed],
    ["https://nowhere.example.com/v1", allowed, allowed],
    ["http://127.0.0.1:11434", allowed, address],
    ["http://2130706433/v1", allowed, address],
    ["http://[::ffff:10.0.0.1]/v1", allowed, address],
    ["http://redis:6379", allowed, address],
    ["https://inward.example.com/v1", allowed, address],
    ["http://169.254.169.254/latest", address, address],
    ["https://metadata.example.com", address, address],
  ])("at %s: by the owner %s, by others %s", async (baseUrl, owner, others) => {
    expect(await judge({ baseUrl }, "owner")).toBe(owner);
    expect(await judge({ baseUrl }, "neighbours")).toBe(owner);
    expect(await judge({ baseUrl }, "others")).toBe(others);
    expect(await judge({ baseUrl }, "others", { privateAddresses: "everyone" })).toBe(owner);
  });

  test.each(["env:OPENAI_API_KEY", "file:/run/secrets/key", "file:pepper"])("with the key %s", async (apiKey) => {
    expect(await judge({ apiKey }, "owner")).toBe(allowed);
    for (const by of ["neighbours", "others"] as const) expect(await judge({ apiKey }, by)).toBe(reference);
    expect(await judge({ apiKey }, "others", { secretReferences: "everyone" })).toBe(allowed);
  });

  test("with its key itself, or none, and the address of its kind", async () => {
    expect(await judge({ apiKey: "sk-1" }, "others")).toBe(allowed);
    expect(await judge({}, "others")).toBe(allowed);
  });
});
