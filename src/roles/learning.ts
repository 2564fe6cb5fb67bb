import { BoundedMap } from "../core/bounded-map.ts";
import { decidedCallOf } from "../core/decided-call.ts";
import type { CallRecord } from "../core/ledger.ts";
import type {
  CallOwner,
  DecidedCall,
  Feedback,
  FeedbackAdded,
  Learner,
  LearningNotice,
  LearningStore,
} from "../core/ports/learning.ts";
import { createImplicitSignals } from "../learning/implicit-signals.ts";
import type { LearningSettings } from "../learning/settings.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface LearningParts {
  readonly store: LearningStore;
  /** Told of every process's calls and feedback, each once. Looked at each time: it may grow. */
  readonly learners: readonly Learner[];
  /** Takes what the journal holds into the database. */
  readonly fold: () => Promise<void>;
  /** Tells the other processes; absent where there are none. */
  readonly share?: ((notices: readonly LearningNotice[]) => void) | undefined;
  readonly settings: () => Pick<LearningSettings, "implicitSignals">;
  readonly logger: Pick<Logger, "error" | "warn">;
}

/** What is learned from in this process, and how all that learn hear of it. */
export interface Learning {
  /** A settlement stands in the journal. Neither throws nor waits; calls without a detail are of no concern. */
  onSettled(record: CallRecord): void;
  /** Keeps feedback and tells of it. Of a judge, a verifier: whoever is allowed to. Throws `storage_unavailable`. */
  reward(feedback: Feedback): Promise<FeedbackAdded>;
  /** Of a settled call, also of one that has just ended. Throws `storage_unavailable`. */
  ownerOf(callId: string): Promise<CallOwner | undefined>;
  /** Another process tells what it heard. */
  take(notices: readonly LearningNotice[]): void;
  /** Gives the number of calls concerned. Throws `storage_unavailable`. */
  forgetUser(tenant: string, userId: string): Promise<number>;
  /** Tells and keeps what still waits for it. */
  close(): Promise<void>;
}

/** So many decided calls are remembered, for feedback that comes right after the answer. */
const mostRecent = 2_000;
/** Calls that were settled are told to other processes together. */
const shareMilliseconds = 50;
/** Signs are kept when their calls stand in the database anyway, mostly. */
const signsMilliseconds = 2_000;
const mostSigns = 1_000;

/** Learners that throw are told of the next call all the same. */
const tellOne = (learner: Learner, notice: LearningNotice): void => {
  if (notice.kind === "settled") learner.settled(notice.call);
  else if (notice.kind === "rewarded") learner.rewarded(notice.call, notice.feedback);
  else learner.forgotten?.(notice.tenant, notice.userId);
};

/** Keeps feedback, and tells learners of calls and feedback, in this process and in the others. */
export const openLearning = (parts: LearningParts): Learning => {
  const { store, learners, fold, share, settings, logger } = parts;
  const recent = new BoundedMap<string, DecidedCall>(mostRecent);
  const implicit = createImplicitSignals();
  let untold: LearningNotice[] = [];
  let signs: Feedback[] = [];
  let sharing: ReturnType<typeof setTimeout> | undefined;
  let keeping: ReturnType<typeof setTimeout> | undefined;
  let kept: Promise<void> = Promise.resolve();

  const shareNow = (): void => {
    clearTimeout(sharing);
    sharing = undefined;
    if (untold.length > 0) share?.(untold);
    untold = [];
  };
  const tellLearners = (notice: LearningNotice): void => {
    for (const learner of learners)
      try {
        tellOne(learner, notice);
      } catch (error) {
        logger.error("learner failed", { notice: notice.kind, reason: String(error) });
      }
  };
  const remember = (notice: LearningNotice): void => {
    if (notice.kind === "settled") recent.getOrMake(notice.call.callId, () => notice.call);
    else if (notice.kind === "forgotten")
      for (const [id, { tenant, userId }] of [...recent.entries()])
        if (tenant === notice.tenant && userId === notice.userId) recent.delete(id);
  };
  /** In this process at once, in the others soon, in the same order. */
  const tell = (notice: LearningNotice): void => {
    remember(notice);
    tellLearners(notice);
    if (share === undefined) return;
    untold.push(notice);
    sharing ??= setTimeout(shareNow, shareMilliseconds).unref();
  };

  const addFolded = async (feedback: Feedback): Promise<FeedbackAdded> => {
    const added = await store.addFeedback(feedback);
    if (added !== "unknown") return added;
    await fold();
    return store.addFeedback(feedback);
  };
  const reward = async (feedback: Feedback): Promise<FeedbackAdded> => {
    const added = await addFolded(feedback);
    if (added !== "added") return added;
    const call = recent.get(feedback.callId) ?? (await store.judgedCall(feedback.callId));
    if (call !== undefined) tell({ kind: "rewarded", call, feedback });
    return added;
  };

  const keepSigns = async (): Promise<void> => {
    const due = signs;
    signs = [];
    for (const sign of due) await reward(sign);
  };
  const keepSignsNow = (): Promise<void> => {
    clearTimeout(keeping);
    keeping = undefined;
    kept = kept
      .then(keepSigns)
      .catch((error: unknown) => logger.warn("implicit feedback not kept", { reason: String(error) }));
    return kept;
  };
  const noteSigns = (found: readonly Feedback[]): void => {
    if (found.length === 0 || signs.length >= mostSigns) return;
    signs.push(...found);
    keeping ??= setTimeout(keepSignsNow, signsMilliseconds).unref();
  };

  return {
    onSettled(record) {
      const call = decidedCallOf(record);
      if (call === undefined) return;
      tell({ kind: "settled", call });
      if (!settings().implicitSignals) return;
      const { errorCode, usage, decision } = record;
      const hasContent = record.timeToFirstContentMilliseconds !== null;
      const outputTokens = usage?.outputTokens ?? 0;
      noteSigns(implicit.observe({ call, errorCode, hasContent, ending: decision?.ending, outputTokens }));
    },
    reward,
    async ownerOf(callId) {
      const known = recent.get(callId) ?? (await store.ownerOf(callId));
      if (known !== undefined) return known;
      await fold();
      return store.ownerOf(callId);
    },
    take(notices) {
      for (const notice of notices) {
        remember(notice);
        tellLearners(notice);
      }
    },
    async forgetUser(tenant, userId) {
      await fold();
      tell({ kind: "forgotten", tenant, userId });
      return store.forgetUser(tenant, userId);
    },
    async close() {
      await keepSignsNow();
      shareNow();
    },
  };
};
