import type { Load } from "./load/start.ts";
import type { LoadPlan, LoadResult, UpstreamPlan } from "./plan.ts";
import type { GatewayOptions, GatewaySubject } from "./subjects/gateway.ts";
import type { Subject } from "./subjects/subject.ts";
import type { Upstream } from "./upstream/start.ts";

/** The processes of a run, and how to start more. */
export interface Bench {
  readonly upstream: Upstream;
  readonly load: Load;
  /** In the order in which each round takes them; started when they are first asked for. The gateway is the last. */
  subjects(over: "plain" | "tls"): Promise<readonly Subject[]>;
  /** Other gateways on the plain upstream; none where they are not asked for or not installed. */
  peers(): Promise<readonly Subject[]>;
  /** A gateway of its own, on the plain upstream. Whoever starts it stops it. */
  startGateway(options?: GatewayOptions): Promise<GatewaySubject>;
}

/** What is put on every subject alike. */
export type Scenario = Omit<LoadPlan, "destination" | "watch"> & { readonly replies: UpstreamPlan };

/** One subject's result in one round. */
export interface Sample {
  readonly scenario: string;
  readonly round: number;
  readonly subject: string;
  readonly result: LoadResult;
}

/** Puts one load on one subject. Throws where any call failed: its figures would say nothing. */
export const measure = async (bench: Bench, subject: Subject, scenario: Scenario): Promise<LoadResult> => {
  const { replies, ...load } = scenario;
  await bench.upstream.plan(replies);
  const result = await bench.load.run({
    ...load,
    destination: subject.destination,
    watch: { subject: subject.pids, upstream: [bench.upstream.pid] },
  });
  const failures = Object.entries(result.failures).map(([reason, count]) => `${count} × ${reason}`);
  if (failures.length > 0) throw new Error(`Calls of ${subject.name} failed: ${failures.join(", ")}`);
  if (result.calls === 0 && result.events === 0) throw new Error(`${subject.name} answered no call.`);
  return result;
};

export interface Comparison {
  /** Names the samples. */
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly rounds: number;
}

/**
 * Takes the subjects in turn, and that so many times (A-B-A-B), so that whatever else the machine does falls on all of
 * them alike.
 */
export const compare = async (
  bench: Bench,
  scenario: Scenario,
  { name, subjects, rounds }: Comparison,
): Promise<readonly Sample[]> => {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round++)
    for (const subject of subjects) {
      const result = await measure(bench, subject, scenario).catch((error: unknown) => {
        if (subject.isPeer !== true) throw error;
        console.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      });
      if (result !== undefined) samples.push({ scenario: name, round, subject: subject.name, result });
    }
  return samples;
};
