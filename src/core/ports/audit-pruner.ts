/** Takes the oldest rows out of the audit log. Throws GatewayError `storage_unavailable`. */
export interface AuditPruner {
  /** How many rows are older than a moment, in milliseconds since 1970; the newest row never counts. */
  countBefore(time: number): number;
  /**
   * Takes them out, in the transaction that writes the row which says so: from where the rows go on, and the hash of the
   * last one that is gone. So what is left can still be verified.
   */
  pruneBefore(time: number): void;
}
