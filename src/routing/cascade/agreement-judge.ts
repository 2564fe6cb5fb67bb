import { agree } from "../learned/answers/agree.ts";
import { extractAnswer } from "../learned/answers/extract-answer.ts";
import type { FinalAnswer } from "../learned/answers/final-answer.ts";
import { plainFlaw, textOf } from "./flaws.ts";
import type { Answer, Judge } from "./judge.ts";
import { Tally } from "./tally.ts";

interface Vote {
  readonly answer: Answer;
  readonly final: FinalAnswer;
}

/** Compares what answers come to. One that is cut off, refuses, or comes to nothing that can be compared is no vote. */
export class AgreementJudge implements Judge {
  readonly #needed: number;
  readonly #votes = new Tally<Vote>((one, other) => agree(one.final, other.final));
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
    const final = extractAnswer(textOf(choice));
    if (final === undefined || !final.isCheckable) return "nothing in it can be compared";
    this.#votes.add({ answer, final });
    return undefined;
  }

  canSettle(more: number): boolean {
    return this.#votes.most + more >= this.#needed;
  }
}
