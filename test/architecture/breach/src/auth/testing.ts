import type { LedgerBook } from "../ledger/book.ts";
import { version } from "../runtime/names-bun.ts";

/** What only tests use may have the real platform, but not another feature. */
export const bookOn = (title: string): LedgerBook => ({ title: `${title} on ${version}` });
