import type { GatewayError } from "../core/errors.ts";
import { toGatewayError } from "../core/errors.ts";
import type { OwnCallParts } from "../routing/beside/own-call.ts";
import { SameTarget } from "../routing/beside/own-call.ts";
import { BackgroundQueue } from "../routing/beside/queue.ts";
import { NoJudge } from "../routing/judge/run-judge.ts";
import { NotAdmitted } from "../routing/try-target.ts";
import { Unaffordable } from "../routing/unaffordable.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { BesideWorld } from "./beside-routes.ts";

export interface BesideParts extends Pick<BesideWorld, "reward"> {
  readonly own: OwnCallParts;
  readonly logger: Pick<Logger, "warn">;
  /** Whether clients' calls need all there is. */
  readonly isBusy: () => boolean;
}

/** Shadows and judges of one process. */
export interface OpenBeside {
  readonly world: BesideWorld;
  /** Nothing more is begun, and what runs is told to end. */
  stop(): void;
  /** Resolves when all of it is settled. */
  ended(): Promise<void>;
}

/** One sentence, where there is something to be said: who rests, or would be compared with itself, is no fault. */
const reasonOf = (thrown: unknown): string | undefined => {
  if (thrown instanceof SameTarget || thrown instanceof NotAdmitted) return undefined;
  if (thrown instanceof NoJudge) return thrown.message;
  const error: GatewayError = thrown instanceof Unaffordable ? thrown.error : toGatewayError(thrown);
  return error.code === "shutting_down" ? undefined : error.recorded;
};

export const openBeside = ({ own, reward, logger, isBusy }: BesideParts): OpenBeside => {
  /** Each is told once: what keeps one shadow from answering keeps a thousand. */
  const told = new Set<string>();
  const tell = (what: string, route: string, reason: string): void => {
    const key = `${what}\n${route}\n${reason.slice(0, 40)}`;
    if (told.has(key) || told.size >= 1_000) return;
    told.add(key);
    logger.warn(`${what} gave nothing`, { route, reason });
  };
  const queue = new BackgroundQueue({
    isBusy,
    onFailed: (error) => tell("background work", "", toGatewayError(error).recorded),
  });
  return {
    world: {
      own,
      reward,
      offer: (work) => void queue.offer(work),
      onFailed(kind, route, thrown) {
        const reason = reasonOf(thrown);
        if (reason !== undefined) tell(kind, route, reason);
      },
    },
    stop: () => queue.stop(),
    ended: () => queue.ended(),
  };
};
