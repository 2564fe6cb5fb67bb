/** How a request's last assistant message, the beginning of an answer, is taken. */
export type PrefillMode =
  /** Not as a beginning: the answer comes whole, from its first word. */
  | "anew"
  /** Goes on exactly behind it. */
  | "continued"
  /** Goes on, and says the beginning again first. */
  | "echoed"
  /** Refused with 400. */
  | "refused";

/** What one target does, as its model's name says. */
export interface Behaviour {
  readonly fault: Fault;
  /** Only the first so many requests of one call meet the fault; the others are answered. */
  readonly firstOnly: number;
  readonly prefill: PrefillMode;
  /** Answers with another text than other targets. */
  readonly differs: boolean;
  /** Answers with the beginning of the text only, and says that this is all. */
  readonly isShorter: boolean;
  /** Milliseconds between two pieces of a stream. */
  readonly paceMilliseconds: number;
}

/** A fault by its name, with its number: bytes, pieces, milliseconds or a status, as the name says. */
export interface Fault {
  readonly kind: FaultKind;
  readonly amount: number;
  /** What a refusal says of when to come back: `retry-2` seconds, `date-2`, `ms-200`. */
  readonly retry?: { readonly form: "retry" | "date" | "ms"; readonly amount: number };
}

/**
 * Every fault that can be asked for; `-N` stands for its number. Pieces are counted from 1, bytes from the first of the
 * body.
 */
export const faultKinds = [
  "none",
  // Before an answer.
  "reset-before-headers",
  "close-before-headers",
  "hang-before-headers",
  "status-N",
  "redirect",
  // With the headers, before content.
  "headers-then-reset",
  "headers-then-hang",
  "headers-then-end",
  "error-frame-first",
  "gzip-bomb",
  "wrong-type",
  // After so many pieces; of a whole answer, within its body.
  "cut-at-N",
  "reset-after-N",
  "close-after-N",
  "stall-after-N",
  "error-frame-after-N",
  "broken-json-after-N",
  "broken-sse-after-N",
  "endless-line-after-N",
  // The whole answer in another form.
  "trickle-N",
  "huge-body",
  "crlf",
  "lone-cr",
  "comments",
  "multi-line",
  "split-at-N",
  "byte-by-byte",
  "no-done",
  "no-finish",
  "no-usage",
  "tools-without-index",
  "tools-with-one-index",
  "tools-with-objects",
  "after-end",
  // All content at once; the end and the usage only so many milliseconds later.
  "late-end-N",
] as const;
export type FaultKind = (typeof faultKinds)[number];

const escaped = (text: string): string => text.replaceAll(/[-.]/g, "\\$&");
const patterns = faultKinds.map((kind) => ({
  kind,
  pattern: new RegExp(`^${escaped(kind).replace("N", "(\\d+)")}(?:-(retry|date|ms)-(\\d+))?$`),
}));

const readFault = (segment: string): Fault | undefined => {
  for (const { kind, pattern } of patterns) {
    const match = pattern.exec(segment);
    if (match === null) continue;
    const numbers = kind.includes("N") ? match.slice(1) : [undefined, ...match.slice(1)];
    const [amount, form, wait] = numbers;
    const retry = { form: form as "retry" | "date" | "ms", amount: Number(wait) };
    return { kind, amount: Number(amount ?? 0), ...(form === undefined ? {} : { retry }) };
  }
  return undefined;
};

const prefillModes: Readonly<Record<string, PrefillMode>> = {
  prefill: "continued",
  "prefill-echo": "echoed",
  "prefill-400": "refused",
};

/**
 * Reads a model's name: segments parted by `--`, of which the last only makes it unique (`cut-at-37--first-2--t17`).
 * Throws on a segment that means nothing, since a fault that does not happen proves nothing.
 */
export const behaviourOf = (model: string): Behaviour => {
  let behaviour: Behaviour = {
    fault: { kind: "none", amount: 0 },
    firstOnly: Number.POSITIVE_INFINITY,
    prefill: "anew",
    differs: false,
    isShorter: false,
    paceMilliseconds: 1,
  };
  for (const segment of model.split("--").slice(0, -1)) {
    const fault = readFault(segment);
    const prefill = prefillModes[segment];
    const [, name, number] = /^(first|pace)-(\d+)$/.exec(segment) ?? [];
    if (fault !== undefined) behaviour = { ...behaviour, fault };
    else if (prefill !== undefined) behaviour = { ...behaviour, prefill };
    else if (name === "first") behaviour = { ...behaviour, firstOnly: Number(number) };
    else if (name === "pace") behaviour = { ...behaviour, paceMilliseconds: Number(number) };
    else if (segment === "differs") behaviour = { ...behaviour, differs: true };
    else if (segment === "shorter") behaviour = { ...behaviour, isShorter: true };
    else throw new Error(`the model '${model}' asks for '${segment}', which the upstream cannot do`);
  }
  return behaviour;
};
