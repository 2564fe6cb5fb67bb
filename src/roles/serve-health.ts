import type { HealthService } from "../remote/health.ts";
import type { SharedBreakers } from "../routing/shared-breakers.ts";
import type { Worker } from "./worker-pool.ts";

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
    "health.fail"({ target, failure }) {
      breakers.fail(target, failure);
      tell(target);
    },
    "health.cool"({ target, milliseconds }) {
      breakers.coolDown(target, milliseconds);
      tell(target);
    },
    "health.succeed": ({ target }) => breakers.succeed(target),
    "health.release": ({ target }) => breakers.release(worker, target),
  };
};
