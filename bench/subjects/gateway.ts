import { resolve } from "node:path";
import { type RunningGateway, startGateway } from "../../test/support/start-gateway.ts";
import { pinned } from "../system/machine.ts";
import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";

const projectFolder = resolve(import.meta.dir, "../..");

/** How the gateway is run: from its sources, or as the executable of `npm run build`. */
export type Program = "sources" | "executable";

const commands: Readonly<Record<Program, readonly string[]>> = {
  sources: [process.execPath, resolve(projectFolder, "src/main.ts")],
  executable: [resolve(projectFolder, "dist/intellirouter")],
};

/** Everything on that a call of a company would use: two targets, a strategy, deadlines, retries, breakers. */
const configuration = ({ port, trust }: UpstreamAddress) => {
  const baseUrl = trust === undefined ? `http://127.0.0.1:${port}/v1` : `https://localhost:${port}/v1`;
  const provider = { kind: "openai-compatible", baseUrl, apiKey: "upstream-key" };
  return {
    // A machine that others use too must not make it turn calls away: that is another test's matter.
    server: { maxLagMilliseconds: 60_000 },
    providers: { first: provider, second: provider },
    routes: {
      bench: {
        targets: ["first/bench-model", "second/bench-model"],
        strategy: { kind: "least-latency" },
        timeouts: {
          headersMilliseconds: 30_000,
          firstTokenMilliseconds: 30_000,
          idleMilliseconds: 60_000,
          totalMilliseconds: 600_000,
        },
        // Else a whole answer of two targets would be asked for as a stream, which no relay beside it does.
        assembleWhole: "never",
      },
    },
  };
};

const makeKey = async ({ url }: RunningGateway): Promise<string> => {
  const response = await fetch(`${url}/admin/v1/keys`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "bench" }),
  });
  const { key } = (await response.json()) as { key?: string };
  if (key === undefined) throw new Error(`the gateway made no key: ${response.status}`);
  return key;
};

/** This project, with a key, the ledger, metrics and the log as they are by default. */
export const startGatewaySubject = async (upstream: UpstreamAddress, program: Program): Promise<Subject> => {
  const gateway = await startGateway({
    configuration: configuration(upstream),
    command: pinned("subject", commands[program]),
    ...(upstream.trust === undefined ? {} : { environment: { NODE_EXTRA_CA_CERTS: upstream.trust } }),
  });
  return {
    name: "gateway",
    destination: { ...plainDestination(Number(new URL(gateway.url).port)), keys: [await makeKey(gateway)] },
    pids: [gateway.pid],
    async stop() {
      await gateway.stop().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
      await gateway.dispose();
    },
  };
};
