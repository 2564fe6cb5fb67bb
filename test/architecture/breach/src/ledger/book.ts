export interface LedgerBook {
  readonly title: string;
}
