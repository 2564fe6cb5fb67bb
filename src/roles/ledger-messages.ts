/** What the ledger's thread is asked for. */
export type LedgerRequest =
  | {
      readonly type: "start";
      readonly database: string;
      readonly directory: string;
      readonly durability: "process" | "power";
      readonly intervalMilliseconds: number;
    }
  | { readonly type: "fold" | "stop"; readonly id: number };

/** What it says. */
export type LedgerAnswer =
  | { readonly type: "done"; readonly id: number; readonly error?: string }
  | { readonly type: "problem"; readonly message: string }
  | { readonly type: "failed"; readonly message: string };
