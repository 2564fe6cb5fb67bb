import { providerName } from "../../test/support/send-call.ts";

/** USD per million tokens of every model here. */
export const price = { input: 1, output: 10 };
/** 10⁻¹² USD per token. */
export const inputPicoUsd = price.input * 1e6;
export const outputPicoUsd = price.output * 1e6;

/** What each key may spend, USD: about 200 of a race's calls, fewer while many are held at their worst case. */
export const usdPerKey = 0.02;
/** Calls that each key may make in the races that are about limits. */
export const callsPerKey = 600;

/** Upstream's models by how they answer; the words are in `test/upstream/behaviour.ts`. */
export const models = {
  quick: "quick?chunks=6",
  steady: "steady?chunks=12&delay=2",
  slow: "slow?chunks=25&delay=8",
  silent: "silent?chunks=6&delay=3&usage=none",
  cut: "cut?chunks=8&delay=3&cut=3",
  reset: "reset?cut=headers",
  broken: "broken?status=500",
  refused: "refused?status=400",
} as const;

const target = (name: keyof typeof models): string => `${providerName}/${models[name]}`;

export const quickModel = target("quick");

/** Output that a call asks for at most. */
export const mostTokens = 60;
/** More than one call can cost, 10⁻¹² USD: its output, and a token for each byte of its body. */
export const oneCallPicoUsd = mostTokens * outputPicoUsd + 1_000 * inputPicoUsd;

/** Names that clients ask for, and how often. */
export const asked: readonly { readonly weight: number; readonly name: string }[] = [
  { weight: 20, name: target("quick") },
  { weight: 30, name: target("steady") },
  { weight: 15, name: target("slow") },
  { weight: 5, name: target("silent") },
  { weight: 5, name: target("cut") },
  { weight: 5, name: target("reset") },
  { weight: 5, name: target("broken") },
  { weight: 5, name: target("refused") },
  { weight: 5, name: "falls-back" },
  { weight: 5, name: "hedges" },
];

const routes = {
  "falls-back": { targets: [target("broken"), target("reset"), target("steady")] },
  hedges: { targets: [target("slow"), target("quick")], hedge: { after: 20, maxShare: 1 } },
};

export type RaceKind = "budget" | "limit";

/** The gateway's configuration in races of one kind. */
export const configurationOf = (kind: RaceKind, baseUrl: string): Readonly<Record<string, unknown>> => ({
  server: { workers: 2 },
  providers: {
    [providerName]: {
      kind: "openai-compatible",
      baseUrl,
      models: Object.fromEntries(
        Object.values(models).map((name) => [name, { price, contextTokens: 100_000, maxOutputTokens: 4_096 }]),
      ),
    },
  },
  routes,
  logging: { level: "warn" },
  ...(kind === "budget"
    ? {
        budgets: [
          { scope: "key", usd: usdPerKey, per: "ever" },
          { scope: "everyone", usd: 1_000, per: "day" },
        ],
      }
    : { limits: [{ scope: "key", requests: callsPerKey, per: "day" }] }),
});
