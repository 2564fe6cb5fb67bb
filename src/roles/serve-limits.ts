import type { Reserved } from "../core/ports/limits.ts";
import type { SharedLimits } from "../limits/shared-limits.ts";
import type { LimitsService } from "../remote/limits.ts";
import type { Worker } from "./worker-pool.ts";

/** So long what another worker has sent by now may lie unread. */
const wordMilliseconds = 5;

/** What another call gives back when it ends may lift it. */
const mayLift = (reserved: Reserved): boolean => reserved.kind === "refused" && reserved.amount !== "requests";

/** Serves the counters of all workers to one of them. */
export const serveLimits = (limits: SharedLimits<Worker>, worker: Worker): LimitsService => {
  /** Released while they waited: whoever asked has given up. */
  const waiting = new Set<string>();
  return {
    "limits.reserve"(demand) {
      const reserved = limits.reserve(worker, demand);
      if (!mayLift(reserved)) return reserved;
      // A client that has its answer may call another worker before the first one's word on its end is read here.
      waiting.add(demand.id);
      return new Promise((resolve) => {
        setTimeout(() => {
          if (!waiting.delete(demand.id)) return resolve(reserved);
          limits.withdraw(demand, reserved);
          resolve(limits.reserve(worker, demand));
        }, wordMilliseconds);
      });
    },
    "limits.settle": (settlement) => limits.settle(worker, settlement),
    "limits.release"({ id }) {
      waiting.delete(id);
      limits.release(worker, id);
    },
  };
};
