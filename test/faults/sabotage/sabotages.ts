/** One mechanism taken out of the program, and the rows of the matrix that must notice. */
export interface Sabotage {
  readonly name: string;
  /** What no longer happens. */
  readonly takesOut: string;
  readonly rows: readonly number[];
  /** The file below `src`, what stands there, and what stands in its place. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const sabotages: readonly Sabotage[] = [
  {
    name: "peek",
    takesOut: "a stream is believed before its first content",
    rows: [5, 9],
    file: "routing/watched-stream.ts",
    find: "if (value.some(isBeginning)) return;",
    replace: "if (value.length >= 0) return;",
  },
  {
    name: "rescue",
    takesOut: "a stream that dies is not continued",
    rows: [6, 7],
    file: "routing/rescue/rescue.ts",
    find: "if (!this.#isRescuable(failure)) throw failure;",
    replace: "if (failure !== undefined) throw failure;",
  },
  {
    name: "splice",
    takesOut: "a continuation is not compared with what was delivered",
    rows: [6],
    file: "routing/rescue/splice.ts",
    find: "return rest.startsWith(text.slice(0, length)) ? length : undefined;",
    replace: "return length;",
  },
  {
    name: "prefill",
    takesOut: "white space at the end of a beginning is not expected again",
    rows: [6],
    file: "routing/rescue/prefilled.ts",
    find: "delivered.slice(withoutEnd(delivered).length)",
    replace: "delivered.slice(delivered.length)",
  },
  {
    name: "fallback",
    takesOut: "no other target is asked",
    rows: [1, 5],
    file: "routing/attempt.ts",
    find: "if (!error.kind.fallback) throw error;",
    replace: "if (error.kind.status > 0) throw error;",
  },
  {
    name: "retry",
    takesOut: "no target is asked again",
    rows: [16],
    file: "routing/attempt.ts",
    find: "|| tries > call.route.retries.perTarget) throw error;",
    replace: "|| tries > 0) throw error;",
  },
  {
    name: "retry-budget",
    takesOut: "further tries are not counted",
    rows: [17],
    file: "routing/retry-budget.ts",
    find: "if (sum(this.#retries) >= Math.max(floor, share * sum(this.#calls))) return false;",
    replace: "if (share > 1 && floor > 1e9) return false;",
  },
  {
    name: "breaker",
    takesOut: "circuits never open",
    rows: [17],
    file: "routing/breakers.ts",
    find: 'if (circuit.state === "closed") return closed;',
    replace: "if (circuit.state.length > 0) return closed;",
  },
  {
    name: "deadline",
    takesOut: "nothing is awaited for a limited time",
    rows: [7],
    file: "routing/deadline.ts",
    find: "else this.#miss(this.#awaited, limit);",
    replace: "else if (limit < 0) this.#miss(this.#awaited, limit);",
  },
  {
    name: "abort",
    takesOut: "an upstream is not left with its client",
    rows: [21],
    file: "routing/try-target.ts",
    find: "readonly #onAbort = (): void => this.abort(this.#parent.reason);",
    replace: "readonly #onAbort = (): void => void this.#parent;",
  },
  {
    name: "cut",
    takesOut: "the end of a body is the end of an answer",
    rows: [13],
    file: "providers/openai/stream.ts",
    find: "if (finished < this.#choices.size || finished < this.#expectedChoices)",
    replace: "if (finished < 0)",
  },
  {
    name: "charge",
    takesOut: "what was delivered is not charged",
    rows: [6, 12],
    file: "core/attempt.ts",
    find: "this.#delivered = true;",
    replace: "this.#delivered = false;",
  },
  {
    name: "settle",
    takesOut: "a call is settled twice under two names",
    rows: [12],
    file: "core/call-scope.ts",
    find: "this.#options.onSettled(record);",
    replace:
      'this.#options.onSettled(record); this.#options.journal.append({ type: "settled", call: { ...record, id: record.id + "x" } });',
  },
  {
    name: "secret",
    takesOut: "the provider's text is handed on where it refuses the credential",
    rows: [18],
    file: "providers/upstream-error.ts",
    find: 'if (effective === "upstream_authentication")',
    replace: "if (status < 0)",
  },
  {
    name: "framing",
    takesOut: "a carriage return does not end a line",
    rows: [12],
    file: "core/frames.ts",
    find: 'let carriage = text.indexOf("\\r", start);',
    replace: "let carriage = -1;",
  },
  {
    name: "keep-alive",
    takesOut: "a silent stream sends no signs of life",
    rows: [7],
    file: "http/keep-alive.ts",
    find: 'dialect === "anthropic" ?',
    replace: 'dialect.length > 0 ? "" : dialect === "anthropic" ?',
  },
  {
    name: "spool",
    takesOut: "a settlement that finds no room on the disk is forgotten",
    rows: [38],
    file: "ledger/journal.ts",
    find: "this.#spool.keep(record.call);",
    replace: "this.#spool.drop(record.call.id);",
  },
  {
    name: "full-database",
    takesOut: "calls are taken though the database is full",
    rows: [38],
    file: "roles/program.ts",
    find: "journal.refusal() ?? options.refusal?.()",
    replace: "journal.refusal()",
  },
];
