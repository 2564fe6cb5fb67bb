import type { UpstreamPlan } from "../plan.ts";
import { startHelper } from "../system/helper-process.ts";
import type { Certificate } from "./certificate.ts";

/** The upstream that every subject calls. */
export interface Upstream {
  readonly pid: number;
  readonly port: number;
  /** Speaks TLS. */
  readonly securePort: number;
  /** What it answers from now on. */
  plan(plan: UpstreamPlan): Promise<void>;
  stop(): Promise<void>;
}

export const startUpstream = async ({ key, certificate }: Certificate): Promise<Upstream> => {
  const helper = await startHelper("upstream/serve.ts", { core: "others", args: [key, certificate] });
  const { port, securePort } = helper.greeting as { port: number; securePort: number };
  return {
    pid: helper.pid,
    port,
    securePort,
    plan: async (plan) => void (await helper.ask(plan)),
    stop: () => helper.stop(),
  };
};
