import { freePort } from "../../support/free-port.ts";
import { type RunningGateway, startGateway } from "../../support/start-gateway.ts";
import type { Received } from "../client/raw-call.ts";
import type { Case } from "../lab/case-outcome.ts";
import { configurationFor, makeCases } from "../lab/make-cases.ts";
import { runCase } from "../lab/run-case.ts";
import type { Bench, Row, Scenario, SpecialCheck } from "../lab/scenario.ts";
import { type FaultyUpstream, startFaultyUpstream } from "../upstream/start.ts";

interface Storm {
  readonly upstream: FaultyUpstream;
  readonly one: Case;
  /** Calls one after the other in a few lanes; each is a call of its own to the upstream unless they share a name. */
  send(
    count: number,
    options?: { readonly lanes?: number; readonly name?: (call: number) => string },
  ): Promise<readonly Received[]>;
}

const anyExpectation = { ending: "either", charge: "fair" } as const;

/** A route under many calls, in a program of its own. */
const withStorm = async (
  { seed, environment }: Bench,
  targets: Scenario["targets"],
  run: (storm: Storm) => Promise<SpecialCheck>,
): Promise<SpecialCheck> => {
  const scenario: Scenario = {
    name: "storm",
    targets,
    shapes: ["whole"],
    edges: ["openai"],
    dialects: ["openai"],
    expect: anyExpectation,
  };
  const row: Row = { number: 17, title: "storm", bill: "", scenarios: [scenario] };
  const cases = makeCases(row, { seeds: [seed] });
  const [one] = cases;
  if (one === undefined) throw new Error("no case");
  const upstream = await startFaultyUpstream();
  let gateway: RunningGateway | undefined;
  try {
    gateway = await startGateway({
      configuration: configurationFor(row, cases, { upstream, closedPort: await freePort() }),
      ...(environment === undefined ? {} : { environment }),
    });
    const port = Number(new URL(gateway.url).port);
    return await run({
      upstream,
      one,
      async send(count, { lanes = 4, name = (call: number) => `call-${call}` } = {}) {
        const received: Received[] = [];
        let next = 0;
        const lane = async (): Promise<void> => {
          while (next < count) received.push(await runCase(one, port, name(next++)));
        };
        await Promise.all(Array.from({ length: lanes }, lane));
        return received;
      },
    });
  } finally {
    await gateway?.dispose();
    await upstream.stop();
  }
};

const answered = (received: readonly Received[]): number => received.filter(({ status }) => status === 200).length;
const askedOf = ({ upstream, one }: Storm, place: number): number =>
  upstream.journal.dispatches.filter(({ model }) => model === one.targets[place]?.model).length;

const calls = 300;
/** Circuits open after this many failures in a row; calls that were on their way then may add some. */
const failuresUntilOpen = 5;
const lanes = 4;
const openMilliseconds = 5_000;

/** One of two targets is dead: hardly a call notices, and it is left alone. */
const deadTarget = (bench: Bench): Promise<SpecialCheck> =>
  withStorm(bench, [{ does: "status-503" }, { does: "" }], async (storm) => {
    const received = await storm.send(calls, { lanes });
    const failed = calls - answered(received);
    const asked = askedOf(storm, 0);
    const amplification = storm.upstream.journal.dispatches.length / calls;
    const most = failuresUntilOpen + lanes * 3;
    return {
      name: "one of two targets is dead",
      outcome: `${calls - failed} of ${calls} answered, the dead target asked ${asked} times, amplification ${amplification.toFixed(2)}`,
      faults: [
        ...(failed > calls / 1_000 ? [`${failed} of ${calls} calls failed`] : []),
        ...(asked > most ? [`the dead target was asked ${asked} times, expected ${most} at most`] : []),
        ...(amplification > 1.2 ? [`the upstreams were asked ${amplification.toFixed(2)} times per call`] : []),
      ],
    };
  });

/** The dead target works again: one probe finds that out, and it gets its calls back. */
const healed = (bench: Bench): Promise<SpecialCheck> =>
  withStorm(bench, [{ does: "status-503--first-5" }, { does: "" }], async (storm) => {
    await storm.send(20, { lanes: 1, name: () => "shared" });
    const before = askedOf(storm, 0);
    await new Promise((resolve) => setTimeout(resolve, openMilliseconds + 300));
    await storm.send(10, { lanes: 1, name: () => "shared" });
    const after = askedOf(storm, 0) - before;
    return {
      name: "a target that was dead works again",
      outcome: `asked ${before} times until its circuit opened, then answered ${after} of 10`,
      faults: [
        ...(before > failuresUntilOpen + 2 ? [`asked ${before} times while it was dead`] : []),
        ...(after < 9 ? [`of 10 calls after the pause it got ${after}`] : []),
      ],
    };
  });

/** Of each four calls one fails at its first try: too few for the circuit, too many for the budget of a tenth. */
const budget = (bench: Bench): Promise<SpecialCheck> =>
  withStorm(bench, [{ does: "status-500--first-1" }], async (storm) => {
    const received = await storm.send(calls, { lanes: 1, name: (call) => `four-${Math.floor(call / 4)}` });
    const asked = askedOf(storm, 0);
    const most = Math.ceil(calls * 1.1) + 3;
    return {
      name: "the budget for further tries",
      outcome: `${asked} dispatches for ${calls} calls of which ${calls / 4} fail once, ${answered(received)} answered`,
      faults: [
        ...(asked > most ? [`${asked} dispatches for ${calls} calls, allowed are ${most}`] : []),
        ...(asked < calls * 1.02 ? [`${asked} dispatches for ${calls} calls: nothing was tried again`] : []),
      ],
    };
  });

export const storms: readonly Row[] = [
  {
    number: 17,
    title: "a storm of failures: breaker, probe, budget",
    bill: "0",
    special: async (bench) => [await deadTarget(bench), await healed(bench), await budget(bench)],
  },
];
