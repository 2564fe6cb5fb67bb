import { BoundedMap } from "../../../core/bounded-map.ts";

/** Conversations that are remembered. */
const remembered = 20_000;
/** So long a provider keeps a prompt's beginning in its cache, at least (Anthropic and OpenAI: five minutes). */
const warmMilliseconds = 300_000;

interface LastTurn {
  target: string;
  at: number;
}

/** Which target answered a conversation last: its cache of the prompt is warm, and its way of speaking is known. */
export class Conversations {
  readonly #last = new BoundedMap<string, LastTurn>(remembered);

  /** `at`: milliseconds on the clock that {@link note} was given. */
  warm(conversation: string, at: number): string | undefined {
    const last = this.#last.get(conversation);
    return last === undefined || at - last.at > warmMilliseconds ? undefined : last.target;
  }

  note(conversation: string, target: string, at: number): void {
    const last = this.#last.getOrMake(conversation, () => ({ target, at }));
    last.target = target;
    last.at = at;
  }
}
