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
  /** Ends all that was started, and that runs still. */
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly program: Program;
  readonly hasPeers: boolean;
}

/** What runs, to be ended with the bench where nobody ended it before. */
const openRegister = () => {
  const running = new Set<Subject>();
  return {
    add<One extends Subject>(subject: One): One {
      const registered = {
        ...subject,
        async stop() {
          if (running.delete(registered)) await subject.stop();
        },
      };
      running.add(registered);
      return registered;
    },
    stopAll: () => Promise.allSettled([...running].map((subject) => subject.stop())),
  };
};

/** Remembers what something gave the first time, for each name. */
const once = <Name, Value>(make: (name: Name) => Value): ((name: Name) => Value) => {
  const made = new Map<Name, { readonly value: Value }>();
  return (name) => {
    const known = made.get(name) ?? { value: make(name) };
    made.set(name, known);
    return known.value;
  };
};

/** Starts the upstream and the load; subjects are started when they are first asked for, and warmed up then. */
export const startBench = async ({ program, hasPeers }: BenchOptions): Promise<RunningBench> => {
  const certificate = makeCertificate();
  const upstream = await startUpstream(certificate);
  const load = await startLoad();
  const register = openRegister();
  const addresses = {
    plain: { port: upstream.port },
    tls: { port: upstream.securePort, trust: certificate.authority },
  } as const;
  const startGateway: Bench["startGateway"] = async (options) =>
    register.add(await startGatewaySubject(addresses.plain, program, options));
  const startAll = async (over: "plain" | "tls"): Promise<readonly Subject[]> => {
    const starts = [
      startDirect,
      ...(hasNginx() ? [startNginx] : []),
      startRelay,
      (address: UpstreamAddress) => startGatewaySubject(address, program),
    ];
    const subjects: Subject[] = [];
    for (const start of starts) {
      const subject = register.add(await start(addresses[over]));
      subjects.push(subject);
      await warmUp(bench, subject);
    }
    return subjects;
  };
  const startAllPeers = async (): Promise<readonly Subject[]> => {
    if (!hasPeers) return [];
    const subjects = (await startPeers(addresses.plain)).map((peer) => register.add(peer));
    if (subjects.length === 0) console.log("No other gateway is installed; see --help for where they are looked for.");
    return subjects;
  };
  const subjectsOver = once(startAll);
  const peers = once((_: "peers") => startAllPeers());
  const bench: RunningBench = {
    upstream,
    load,
    address: (over) => addresses[over],
    subjects: (over) => subjectsOver(over),
    peers: () => peers("peers"),
    startGateway,
    async stop() {
      await register.stopAll();
      await load.stop();
      await upstream.stop();
      certificate.remove();
    },
  };
  return bench;
};
