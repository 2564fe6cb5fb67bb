export interface LedgerRecord {
  readonly id: string;
}
