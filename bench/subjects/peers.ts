import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { pinned } from "../system/machine.ts";
import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";

/** Other gateways, where they are installed: in the folder that BENCH_PEERS names, or where the shell finds them. */
const peersFolder = process.env["BENCH_PEERS"] ?? "";
const patienceMilliseconds = 60_000;

interface Peer {
  readonly name: string;
  readonly command: (port: number) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key: string;
}

const find = (...paths: readonly string[]): string | undefined => paths.find((path) => existsSync(path));

const portkey = ({ port }: UpstreamAddress): Peer | undefined => {
  const server = find(join(peersFolder, "node_modules/@portkey-ai/gateway/build/start-server.js"));
  if (server === undefined) return undefined;
  return {
    name: "portkey",
    command: (own) => ["node", server, `--port=${own}`, "--headless"],
    environment: { NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
    headers: { "x-portkey-provider": "openai", "x-portkey-custom-host": `http://127.0.0.1:${port}/v1` },
    key: "upstream-key",
  };
};

const liteLlm = ({ port }: UpstreamAddress, folder: string): Peer | undefined => {
  const program = find(join(peersFolder, "venv/bin/litellm")) ?? Bun.which("litellm");
  if (program === null) return undefined;
  const key = "sk-bench";
  const configuration = {
    model_list: [
      {
        model_name: "bench",
        litellm_params: {
          model: "openai/bench-model",
          api_base: `http://127.0.0.1:${port}/v1`,
          api_key: "upstream-key",
        },
      },
    ],
    litellm_settings: { telemetry: false },
    general_settings: { master_key: key },
  };
  const file = join(folder, "litellm.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration));
  return {
    name: "litellm",
    command: (own) => [program, "--config", file, "--host", "127.0.0.1", "--port", String(own), "--num_workers", "1"],
    environment: { LITELLM_LOG: "ERROR", LITELLM_LOCAL_MODEL_COST_MAP: "True" },
    key,
  };
};

const hasAnswered = async ({ destination }: Subject): Promise<boolean> => {
  const { hostname, port, path, keys, headers } = destination;
  try {
    const response = await fetch(`http://${hostname}:${port}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${keys[0]}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({ model: "bench", messages: [{ role: "user", content: "Hello" }] }),
    });
    return response.ok;
  } catch {
    return false;
  }
};

const startPeer = async (peer: Peer, folder: string): Promise<Subject> => {
  const port = await freePort();
  const child = Bun.spawn([...pinned("subject", peer.command(port))], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...peer.environment },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const headers = peer.headers === undefined ? {} : { headers: peer.headers };
  const subject: Subject = {
    name: peer.name,
    destination: { ...plainDestination(port), keys: [peer.key], ...headers },
    pids: [child.pid],
    isPeer: true,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
  const began = performance.now();
  while (!(await hasAnswered(subject))) {
    if (child.exitCode !== null || performance.now() - began > patienceMilliseconds) {
      await subject.stop();
      throw new Error(`${peer.name} is installed, but answers no call.`);
    }
    await Bun.sleep(200);
  }
  return subject;
};

/** Starts every peer that is installed. */
export const startPeers = async (upstream: UpstreamAddress): Promise<readonly Subject[]> => {
  const folder = mkdtempSync(join(tmpdir(), "intellirouter-peers-"));
  const peers = [portkey(upstream), liteLlm(upstream, folder)].filter((peer) => peer !== undefined);
  const subjects: Subject[] = [];
  for (const peer of peers) subjects.push(await startPeer(peer, folder));
  return subjects.map((subject) => ({
    ...subject,
    async stop() {
      await subject.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  }));
};
