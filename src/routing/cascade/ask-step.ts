import type { Call } from "../../core/call.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Candidate } from "../../core/route.ts";
import { type AttemptOptions, tryOne } from "../attempt.ts";
import { type Answering, ChildController } from "../try-target.ts";

/** Told how the targets of a step end, each once, until the step is over; and asked then whether it is. */
export interface StepWatcher {
  answered(candidate: Candidate, answering: Answering): void;
  failed(candidate: Candidate, thrown: unknown): void;
  /** Whether so many that still run are waited for. */
  isWorthWaiting(open: number): boolean;
}

interface Branch {
  readonly candidate: Candidate;
  readonly answer: Promise<Answering>;
  /** Its answer is not wanted any more. */
  leave(): void;
}

/** Asks a target with an abort of its own. */
const openBranch = (call: Call, candidate: Candidate, options: AttemptOptions): Branch => {
  const controller = new ChildController(call.signal);
  const answer = tryOne({ ...call, signal: controller.signal }, candidate.target, options).finally(() =>
    controller.release(),
  );
  return {
    candidate,
    answer,
    leave: () =>
      controller.abort(new GatewayError("client_closed_request", "The answer was settled without this one.")),
  };
};

const follow = (branches: readonly Branch[], watcher: StepWatcher): Promise<void> =>
  new Promise((resolve) => {
    let open = branches.length;
    let isOver = false;
    const wait = async ({ candidate, answer }: Branch): Promise<void> => {
      try {
        const answering = await answer;
        if (!isOver) watcher.answered(candidate, answering);
      } catch (thrown) {
        if (!isOver) watcher.failed(candidate, thrown);
      }
      open -= 1;
      isOver ||= open === 0 || !watcher.isWorthWaiting(open);
      if (isOver) resolve();
    };
    for (const branch of branches) void wait(branch);
  });

export interface StepParts {
  readonly step: readonly Candidate[];
  readonly options: AttemptOptions;
  readonly watcher: StepWatcher;
}

/** Asks all targets of a step together. Over when all have ended, or none is worth waiting for: those are aborted. */
export const askStep = async (call: Call, { step, options, watcher }: StepParts): Promise<void> => {
  const branches = step.map((candidate) => openBranch(call, candidate, options));
  try {
    await follow(branches, watcher);
  } finally {
    for (const branch of branches) branch.leave();
  }
};
