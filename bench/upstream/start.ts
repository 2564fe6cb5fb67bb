import type { UpstreamPlan } from "../plan.ts";
import { startHelper } from "../system/helper-process.ts";

/** The upstream that every subject calls. */
export interface Upstream {
  readonly pid: number;
  readonly port: number;
  /** Speaks TLS; absent where it was started without a certificate. */
  readonly securePort: number | undefined;
  /** What it answers from now on. */
  plan(plan: UpstreamPlan): Promise<void>;
  stop(): Promise<void>;
}

/** Files in PEM. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

export const startUpstream = async (certificate?: Certificate): Promise<Upstream> => {
  const files = certificate === undefined ? [] : [certificate.key, certificate.certificate];
  const helper = await startHelper("upstream/serve.ts", files);
  const { port, securePort } = helper.greeting as { port: number; securePort?: number };
  return {
    pid: helper.pid,
    port,
    securePort,
    plan: async (plan) => void (await helper.ask(plan)),
    stop: () => helper.stop(),
  };
};
