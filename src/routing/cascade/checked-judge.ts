import type { ChatRequest } from "../../core/chat.ts";
import { checkedFlaw } from "./flaws.ts";
import type { Answer, Judge } from "./judge.ts";

/** Takes the first answer that passes its checks. */
export class CheckedJudge implements Judge {
  readonly #request: ChatRequest;
  readonly #minimumMeanLogprob: number | undefined;
  #chosen: Answer | undefined;
  #count = 0;

  constructor(request: ChatRequest, minimumMeanLogprob: number | undefined) {
    this.#request = request;
    this.#minimumMeanLogprob = minimumMeanLogprob;
  }

  get chosen(): Answer | undefined {
    return this.#chosen;
  }

  get standing(): string {
    if (this.#chosen !== undefined) return `answer ${this.#count} passes its checks`;
    return this.#count === 1
      ? "the answer does not pass its checks"
      : `none of ${this.#count} answers passes its checks`;
  }

  add(answer: Answer): string | undefined {
    this.#count += 1;
    const flaw = checkedFlaw(answer.completion.choices[0], this.#request, this.#minimumMeanLogprob);
    if (flaw === undefined) this.#chosen ??= answer;
    return flaw;
  }

  canSettle(more: number): boolean {
    return this.#chosen !== undefined || more > 0;
  }
}
