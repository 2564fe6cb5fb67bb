import type { LoadPlan, LoadResult } from "../plan.ts";
import { startHelper } from "../system/helper-process.ts";

/** The process that puts loads on subjects. */
export interface Load {
  readonly pid: number;
  /** Throws where the load could not be put on at all. */
  run(plan: LoadPlan): Promise<LoadResult>;
  stop(): Promise<void>;
}

export const startLoad = async (): Promise<Load> => {
  const helper = await startHelper("load/serve.ts", { core: "others" });
  return {
    pid: helper.pid,
    async run(plan) {
      const answer = (await helper.ask(plan)) as { result: LoadResult } | { error: string };
      if ("error" in answer) throw new Error(`No load on ${plan.destination.port}: ${answer.error}`);
      return answer.result;
    },
    stop: () => helper.stop(),
  };
};
