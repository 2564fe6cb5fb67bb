/** How many failures to authenticate there were within the last minute, with the one that was just noted. */
export interface GuessTally {
  readonly ofAddress: number;
  readonly inAll: number;
}

/** Counts failures to authenticate, by address. Of those who come with a good key it is told nothing. */
export interface Guesses {
  /** Notes a failure; at once, or when another process has counted it. Never fails. */
  note(address: string): GuessTally | Promise<GuessTally>;
}
