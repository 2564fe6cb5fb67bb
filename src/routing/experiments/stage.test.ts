import { expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../../test/support/make-call.ts";
import type { Call, Reply } from "../../core/call.ts";
import type { JsonObject } from "../../core/json.ts";
import { experimentSchema } from "./settings.ts";
import { compileExperiments, experimentsStage } from "./stage.ts";

const target = makeTarget("lab/m");
const asked: string[][] = [];
const run = async (experiments: Record<string, object>, call: Partial<Call> = {}, body: JsonObject = {}) => {
  const { call: made } = makeCall({ targets: [target] });
  const stage = experimentsStage({
    experiments: compileExperiments(
      Object.fromEntries(Object.entries(experiments).map(([name, one]) => [name, experimentSchema.parse(one)])),
    ),
    routeFor(name, chosen) {
      asked.push(chosen.map(({ experiment, arm }) => `${experiment}=${arm}`));
      return { ...made.route, name };
    },
  });
  let seen: Call | undefined;
  const before = { ...made, ...call, wire: { ...made.wire, body } } as unknown as Call;
  await stage(before, async (next) => {
    seen = next;
    return {} as Reply;
  });
  return { before, seen: seen as Call };
};
const both = { route: "fast", arms: { a: {}, b: {} } };

test("a call gets an arm of each experiment of its route, and says whose it is only where calls belong together", async () => {
  const { seen } = await run(
    { one: both, two: { ...both, unit: "user" }, other: { ...both, route: "slow" } },
    {},
    { user: "ann" },
  );
  expect(Object.keys(seen.assignment?.arms ?? {})).toEqual(["one", "two"]);
  expect(Object.keys(seen.assignment?.units ?? {})).toEqual(["two"]);
  expect(seen.assignment?.units?.["two"]).toMatch(/^[0-9a-f]{16}$/);
  expect(asked.at(-1)).toEqual([`one=${seen.assignment?.arms["one"]}`, `two=${seen.assignment?.arms["two"]}`]);
});

const caller = (profile: object) => ({ caller: { ...makeCall({ targets: [target] }).call.caller, profile } });
test.each([
  ["it is stopped", { one: { ...both, state: "stopped" } }, {}, {}],
  ["it has not begun", { one: { ...both, from: "2100-01-01T00:00:00Z" } }, {}, {}],
  ["it is over", { one: { ...both, until: "2001-01-01T00:00:00Z" } }, {}, {}],
  ["the call says nothing of its user", { one: { ...both, unit: "user" } }, {}, {}],
  ["the caller's strategy is fixed", { one: both }, caller({ strategy: "random" }), {}],
  ["the caller's model is fixed", { one: both }, caller({ model: "fast" }), {}],
  ["the client chose the target", { one: both }, { routing: { force: "lab/m" } }, {}],
  ["the client opted out", { one: both }, { routing: { off: true } }, {}],
  ["the session is pinned", { one: both }, { routing: { pin: "lab/m" } }, {}],
] as const)("a call is none of an experiment where %s", async (_, experiments, call, body) => {
  const { before, seen } = await run(experiments, call as Partial<Call>, body);
  expect(seen).toBe(before);
});
