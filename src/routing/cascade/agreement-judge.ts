import { agree, type ExtractedAnswer, extractAnswer } from "./answer-checks.ts";
import { plainFlaw, textOf } from "./flaws.ts";
import type { Answer, Judge } from "./judge.ts";
import { Tally } from "./tally.ts";

interface Vote {
  readonly answer: Answer;
  readonly extracted: ExtractedAnswer;
}

/** Compares what answers come to. One that is cut off, refuses, or comes to nothing that can be compared is no vote. */
export class AgreementJudge implements Judge {
  readonly #needed: number;
  readonly #votes = new Tally<Vote>((one, other) => agree(one.extracted, other.extracted));
  #count = 0;

  constructor(needed: number) {
    this.#needed = needed;
  }

  get chosen(): Answer | undefined {
    return this.#votes.firstOf(this.#needed)?.answer;
  }

  get standing(): string {
    return `${this.#votes.most} of ${this.#count} ${this.#count === 1 ? "answer" : "answers"} agree`;
  }

  add(answer: Answer): string | undefined {
    this.#count += 1;
    const [choice] = answer.completion.choices;
    const flaw = plainFlaw(choice);
    if (flaw !== undefined || choice === undefined) return flaw;
    const extracted = extractAnswer(textOf(choice));
    if (extracted === undefined) return "nothing in it can be compared";
    this.#votes.add({ answer, extracted });
    return undefined;
  }

  canSettle(more: number): boolean {
    return this.#votes.most + more >= this.#needed;
  }
}
