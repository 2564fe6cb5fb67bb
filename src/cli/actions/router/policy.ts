import { z } from "zod";
import { wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { formatCount, formatTime, formatUsd } from "../../output/quantities.ts";
import { request, segment } from "../../request.ts";

const liftSchema = z.looseObject({ against: z.string(), value: z.number(), lower: z.number() }).nullish();
const armSchema = z.looseObject({ calls: z.number(), utility: z.number() });
const policySchema = z.looseObject({
  route: z.string(),
  gate: z.looseObject({
    mode: z.string(),
    reason: z.string(),
    judged: z.number(),
    overConstant: liftSchema,
    overZeroRouter: liftSchema,
  }),
  calls: z.number(),
  rewards: z.number(),
  lambda: z.number(),
  trialsUsd: z.number(),
  served: z.union([z.string(), z.number()]),
  canary: z
    .looseObject({ share: z.number(), minCalls: z.number(), since: z.string(), newest: armSchema, served: armSchema })
    .nullish(),
  versions: z.array(z.looseObject({ id: z.number(), at: z.string(), rewards: z.number(), reason: z.string() })),
});
type Policy = z.output<typeof policySchema>;

/** Flags as they were typed. */
export interface PolicyFlags {
  readonly route: string;
  readonly to?: string;
  readonly canary?: string;
  readonly minCalls?: string;
}

const liftLine = (what: string, lift: Policy["gate"]["overConstant"]): string =>
  lift ? `  ${what} ${lift.against}: ${lift.value.toFixed(3)}, at least ${lift.lower.toFixed(3)} (95 %)\n` : "";

const describe = (policy: Policy, { table }: CliContext): string => {
  const { gate, canary, served } = policy;
  const serves = served === "newest" ? "the newest state" : `version ${served}`;
  const head = [
    `Route ${policy.route}: ${gate.mode === "serving" ? "the policy serves" : "the best single target serves"} (${gate.reason})\n`,
    liftLine("utility above", gate.overConstant),
    liftLine("quality above", gate.overZeroRouter),
    `  learned from ${formatCount(policy.calls)} calls and ${formatCount(policy.rewards)} rewards; trials cost ${formatUsd(policy.trialsUsd)}\n`,
    `  decisions by ${serves}\n`,
    canary
      ? `  canary: ${Math.round(canary.share * 100)} % by the newest state, ${canary.newest.utility.toFixed(3)} over ${canary.newest.calls} judged calls, against ${canary.served.utility.toFixed(3)} over ${canary.served.calls}\n`
      : "",
  ];
  const right = (title: string) => ({ title, align: "right" }) as const;
  const versions = table({
    columns: [right("VERSION"), { title: "KEPT" }, right("REWARDS"), { title: "WHY" }],
    rows: policy.versions.map(({ id, at, rewards, reason }) => [
      String(id),
      formatTime(Date.parse(at)),
      formatCount(rewards),
      reason,
    ]),
    empty: "No versions are kept yet.",
  });
  return `${head.join("")}\n${versions}`;
};

const pathOf = (route: string): string => `/admin/v1/routes/${segment(route)}/policy`;

export const showPolicy = async (context: CliContext, { route }: PolicyFlags): Promise<void> => {
  const policy = await context.withClient((client) => request(client, { path: pathOf(route), schema: policySchema }));
  context.print(policy, () => describe(policy, context));
};

const numberOf = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw wrongUsage(`--${name} takes a number, not '${text}'.`);
  return number;
};

/** What each act sends. */
const bodyOf = (act: string, flags: PolicyFlags): object => {
  const version = numberOf("to", flags.to);
  const share = numberOf("canary", flags.canary);
  const minCalls = numberOf("min-calls", flags.minCalls);
  if (act === "rollback") return version === undefined ? {} : { version };
  if (act !== "promote") return {};
  return { ...(share === undefined ? {} : { share }), ...(minCalls === undefined ? {} : { minCalls }) };
};

export const actOnPolicy = async (context: CliContext, act: string, flags: PolicyFlags): Promise<void> => {
  const policy = await context.withClient((client) =>
    request(client, {
      path: `${pathOf(flags.route)}/${act}`,
      method: "POST",
      body: bodyOf(act, flags),
      schema: policySchema,
    }),
  );
  context.print(policy, () => describe(policy, context));
};
