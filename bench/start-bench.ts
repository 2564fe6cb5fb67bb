import type { Bench } from "./compare.ts";
import { startLoad } from "./load/start.ts";
import { startDirect } from "./subjects/direct.ts";
import { type Program, startGatewaySubject } from "./subjects/gateway.ts";
import { hasNginx, startNginx } from "./subjects/nginx.ts";
import { startPeers } from "./subjects/peers.ts";
import { startRelay } from "./subjects/relay.ts";
import type { Subject, UpstreamAddress } from "./subjects/subject.ts";
import { makeCertificate } from "./upstream/certificate.ts";
import { startUpstream } from "./upstream/start.ts";
import { warmUp } from "./warm-up.ts";

/** A bench that is to be stopped. */
export interface RunningBench extends Bench {
  address(over: "plain" | "tls"): UpstreamAddress;
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly program: Program;
  readonly hasPeers: boolean;
}

/** Starts the upstream and the load; subjects are started when they are first asked for, and warmed up then. */
export const startBench = async ({ program, hasPeers }: BenchOptions): Promise<RunningBench> => {
  const certificate = makeCertificate();
  const upstream = await startUpstream(certificate);
  const load = await startLoad();
  const running: Subject[] = [];
  const startAll = async (address: UpstreamAddress): Promise<readonly Subject[]> => {
    const starts = [
      startDirect,
      ...(hasNginx() ? [startNginx] : []),
      startRelay,
      (to: UpstreamAddress) => startGatewaySubject(to, program),
    ];
    const subjects: Subject[] = [];
    for (const start of starts) {
      const subject = await start(address);
      running.push(subject);
      subjects.push(subject);
      await warmUp(bench, subject);
    }
    return subjects;
  };
  const addresses = {
    plain: { port: upstream.port },
    tls: { port: upstream.securePort, trust: certificate.authority },
  } as const;
  const startAllPeers = async (): Promise<readonly Subject[]> => {
    if (!hasPeers) return [];
    const subjects = await startPeers(addresses.plain);
    running.push(...subjects);
    if (subjects.length === 0)
      console.log("No other gateway is installed: set BENCH_PEERS to the folder that has them.");
    return subjects;
  };
  let peers: Promise<readonly Subject[]> | undefined;
  const started: { plain?: Promise<readonly Subject[]>; tls?: Promise<readonly Subject[]> } = {};
  const bench: RunningBench = {
    address: (over) => addresses[over],
    upstream,
    load,
    subjects(over) {
      started[over] ??= startAll(addresses[over]);
      return started[over];
    },
    peers() {
      peers ??= startAllPeers();
      return peers;
    },
    startGateway: (options) => startGatewaySubject(addresses.plain, program, options),
    async stop() {
      await Promise.allSettled(running.map((subject) => subject.stop()));
      await load.stop();
      await upstream.stop();
      certificate.remove();
    },
  };
  return bench;
};
