import type { HealthService } from "../remote/health.ts";
import type { SharedBreakers } from "../routing/shared-breakers.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { Worker } from "./worker-pool.ts";

/** A message that took longer than this did not: the clock was set. */
const longestMilliseconds = 1_000;

/** How long ago something was that another process of this machine has noted, in milliseconds. */
const since = (at: number): number => Math.max(0, Math.min(longestMilliseconds, systemClock.wall() - at));

/** Serves the health of all targets to one worker, whose copy is put right before each answer. */
export const serveHealth = (breakers: SharedBreakers<Worker>, worker: Worker): HealthService => {
  const tell = (target: string): void =>
    worker.channel.tell("health.standing", { target, standing: breakers.standing(target) });
  return {
    "health.admit"({ target }) {
      const admission = breakers.admit(worker, target);
      tell(target);
      return admission;
    },
    "health.look"({ target }) {
      const admission = breakers.look(target);
      tell(target);
      return admission;
    },
    "health.fail"({ target, failure, at }) {
      breakers.fail(target, failure, since(at));
      tell(target);
    },
    "health.cool"({ target, milliseconds, at }) {
      breakers.coolDown(target, milliseconds, since(at));
      tell(target);
    },
    "health.succeed": ({ target }) => breakers.succeed(target),
    "health.release": ({ target }) => breakers.release(worker, target),
  };
};
