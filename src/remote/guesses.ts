import type { Guesses, GuessTally } from "../core/ports/guesses.ts";

/** Failures as another process counts them for all who ask. */
export interface GuessesService {
  /** In their order, a tally for each. */
  "guesses.note"(question: { readonly addresses: readonly string[] }): readonly GuessTally[];
}

/** The question of {@link GuessesService}; it rejects where nobody answers. */
export interface GuessesPeer {
  "guesses.note"(question: { readonly addresses: readonly string[] }): Promise<readonly GuessTally[]>;
}

/** An answer to a failure waits no longer than this to hear how many there were; then this process's own count holds. */
export const guessesPatienceMilliseconds = 1_000;

interface Waiting {
  readonly address: string;
  readonly own: GuessTally;
  readonly resolve: (tally: GuessTally) => void;
}

/**
 * Failures that another process counts. There is one question under way at a time, about all that failed since the one
 * before: who sends many wrong keys must not keep that process busy, for it serves good callers, too.
 */
export class RemoteGuesses implements Guesses {
  readonly #peer: GuessesPeer;
  /** Counts here, for when nobody answers. */
  readonly #own: { note(address: string): GuessTally };
  #waiting: Waiting[] = [];
  #isAsking = false;

  constructor(peer: GuessesPeer, own: { note(address: string): GuessTally }) {
    this.#peer = peer;
    this.#own = own;
  }

  note(address: string): Promise<GuessTally> {
    const own = this.#own.note(address);
    return new Promise((resolve) => {
      this.#waiting.push({ address, own, resolve });
      if (!this.#isAsking) void this.#askForAll();
    });
  }

  async #askForAll(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      const tallies = await this.#ask(asked.map(({ address }) => address));
      for (const [index, { own, resolve }] of asked.entries()) resolve(tallies[index] ?? own);
    }
    this.#isAsking = false;
  }

  async #ask(addresses: readonly string[]): Promise<readonly GuessTally[]> {
    try {
      return await this.#peer["guesses.note"]({ addresses });
    } catch {
      return [];
    }
  }
}
