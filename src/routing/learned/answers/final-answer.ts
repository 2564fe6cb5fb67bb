/** What kind of thing an answer is; only answers of comparable kinds can agree. */
export type AnswerKind = "number" | "choice" | "boolean" | "literal" | "expression" | "text";

/** The final answer of a text, in a form that equal answers share. */
export interface FinalAnswer {
  /** Normalised: `1200` for `$1,200.00`, `B` for `(B) Paris`, `["a",1]` for `['a', 1]`. */
  readonly answer: string;
  readonly kind: AnswerKind;
  /** False where it is prose: two such answers that differ in words may still say the same. */
  readonly isCheckable: boolean;
}
