import type { SpendingAnswer, SpendingQuestion } from "../core/ports/budgets.ts";

/** What was spent, and what became of some calls. */
export interface SpendingQuery {
  readonly questions: readonly SpendingQuestion[];
  readonly calls: readonly string[];
}

/** What the ledger's thread is asked for. */
export type LedgerRequest =
  | {
      readonly type: "start";
      readonly database: string;
      readonly directory: string;
      readonly durability: "process" | "power";
      readonly intervalMilliseconds: number;
    }
  | { readonly type: "fold" | "stop"; readonly id: number }
  | { readonly type: "spending"; readonly id: number; readonly query: SpendingQuery };

/** What it says. */
export type LedgerAnswer =
  | { readonly type: "done"; readonly id: number; readonly error?: string; readonly spending?: SpendingAnswer }
  | { readonly type: "problem"; readonly message: string }
  /** A fold failed, and is tried again; `code` is that of the database. */
  | { readonly type: "failed"; readonly message: string; readonly code: string | undefined }
  | { readonly type: "recovered" };
