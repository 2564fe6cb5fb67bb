import type { ErrorCode } from "../core/errors.ts";
import type { PicoUsd } from "../core/money.ts";
import type { Timeouts } from "../core/timeouts.ts";
import type { FaultName } from "./faults.ts";

/** What a client was left with. `cut`: neither an end nor an error; `false-end`: an end, though text is missing. */
export type Ending = "answer" | "error" | "cut" | "false-end";

/** One call under one fault. */
export interface ChaosRow {
  /** `none`: nothing is broken; `all-refused`: no target can be reached. */
  readonly fault: FaultName | "none" | "all-refused";
  /** `unmet`: the broken target was never asked, so nothing is known. */
  readonly ending: Ending | "unmet";
  /** Null where no connection came about. */
  readonly status: number | null;
  /** The code of the error that the client got. */
  readonly errorCode: string | null;
  /** Characters of text that the client has. */
  readonly characters: number;
  /** The target whose answer the client got last. */
  readonly target: string | null;
  /** Whether the answer broke off and was brought to its end all the same. */
  readonly isRescued: boolean;
  readonly attempts: readonly { readonly target: string; readonly errorCode: ErrorCode | null }[];
  readonly milliseconds: number;
  /** Null where the ledger has no such call. */
  readonly chargePicoUsd: PicoUsd | null;
  /** Targets that were asked more often than the ledger says. */
  readonly unrecorded: readonly string[];
}

export interface ChaosRoute {
  readonly route: string;
  /** The target that is broken: the one that is asked first. */
  readonly target: string;
  readonly targets: number;
  /** As the calls had them, scaled. */
  readonly timeouts: Timeouts;
  readonly rows: readonly ChaosRow[];
}

export interface ChaosReport {
  readonly seed: number;
  readonly timeoutScale: number;
  readonly form: "streamed" | "whole";
  readonly answers: "different" | "alike";
  readonly routes: readonly ChaosRoute[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Whether a client lost money or an answer without being told. */
export const isBetrayal = ({ ending, unrecorded }: ChaosRow): boolean =>
  ending === "false-end" || unrecorded.length > 0;

/** Of the first target's faults: how many were met, and how many the client did not notice. */
export const survivedOf = ({ rows }: ChaosRoute): { readonly survived: number; readonly met: number } => {
  const met = rows.filter(({ fault, ending }) => fault !== "none" && fault !== "all-refused" && ending !== "unmet");
  return { survived: met.filter(({ ending }) => ending === "answer").length, met: met.length };
};
