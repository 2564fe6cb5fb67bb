import { z } from "zod";
import type { CanaryArm, PolicyLift, PolicyStatus } from "../../../core/ports/policies.ts";
import { named, showTime, time } from "./registry.ts";

const lift = named(
  "PolicyLift",
  z.strictObject({
    against: z.string().describe("A target, or the two whose mixture costs the same."),
    value: z.number(),
    lower: z.number().describe("Lower end of the 95 % interval."),
  }),
);
const arm = z.strictObject({ calls: z.int(), utility: z.number().describe("Mean: quality less what it cost.") });

export const policyResponse = named(
  "Policy",
  z.strictObject({
    route: z.string(),
    gate: z.strictObject({
      mode: z
        .enum(["shadow", "serving"])
        .describe("`shadow`: the policy is computed and logged, and the best single target serves."),
      reason: z.string(),
      judged: z.int().describe("Calls with feedback that it is judged by."),
      overConstant: lift.nullable(),
      overZeroRouter: lift.nullable(),
    }),
    calls: z.int(),
    rewards: z.int(),
    lambda: z.number().describe("Quality (0–1) that a USD must buy."),
    trialsUsd: z.number(),
    served: z.union([z.literal("newest"), z.int()]).describe("The newest state, or the version that it is held at."),
    canary: z.strictObject({ share: z.number(), minCalls: z.int(), since: time, newest: arm, served: arm }).nullable(),
    versions: z.array(z.strictObject({ id: z.int(), at: time, rewards: z.int(), reason: z.string() })),
  }),
);

const share = z.number().gt(0).max(0.5).describe("Of the calls that the newest state decides meanwhile.");
const minCalls = z.int().min(50).max(100_000).default(200).describe("Judged calls of either before it is decided.");

export const promotePolicyBody = named("PromotePolicy", z.strictObject({ share: share.optional(), minCalls }));
export const rollBackPolicyBody = named(
  "RollBackPolicy",
  z.strictObject({ version: z.int().min(1).optional().describe("Absent: the one before what serves.") }),
);

const showLift = (one: PolicyLift | null): PolicyLift | null =>
  one && { against: one.against, value: one.value, lower: one.lower };
const showArm = ({ calls, utility }: CanaryArm): CanaryArm => ({ calls, utility });

export const showPolicy = (status: PolicyStatus): z.input<typeof policyResponse> => {
  const { gate, canary } = status;
  return {
    route: status.route,
    gate: {
      mode: gate.mode,
      reason: gate.reason,
      judged: gate.judged,
      overConstant: showLift(gate.overConstant),
      overZeroRouter: showLift(gate.overZeroRouter),
    },
    calls: status.calls,
    rewards: status.rewards,
    lambda: status.lambda,
    trialsUsd: status.trialsUsd,
    served: status.served,
    canary: canary && {
      share: canary.share,
      minCalls: canary.minCalls,
      since: showTime(canary.since),
      newest: showArm(canary.newest),
      served: showArm(canary.served),
    },
    versions: status.versions.map(({ id, at, rewards, reason }) => ({ id, at: showTime(at), rewards, reason })),
  };
};
