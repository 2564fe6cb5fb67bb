import type { SeededRandom } from "../../support/seeded-random.ts";
import type { Edge } from "../client/edges.ts";
import type { Leave } from "../client/raw-call.ts";
import type { UpstreamDialect } from "../upstream/asked.ts";
import type { CaseOutcome } from "./case-outcome.ts";

/** One target of a route: where it is, and what it does, by the upstream's names of faults. */
export interface TargetPlan {
  /** Segments of the model's name (`cut-at-37--first-2`); empty: it answers. */
  readonly does: string;
  readonly at?: "closed port" | "unknown name" | "bad certificate";
  /** What its provider's option `prefill` says of it; Gemini's format has none. */
  readonly believed?: "continues" | "echoes";
  /** Its wire format; that of the case where absent. */
  readonly dialect?: UpstreamDialect;
}

export type Range = readonly [least: number, most: number];

/** What must come of a case. */
export interface Expectation {
  readonly ending: "answer" | "error" | "either" | "left" | "either or left";
  /** Codes that an error may have. */
  readonly codes?: readonly string[];
  /** HTTP statuses that may come, where the edge speaks OpenAI's dialect. */
  readonly statuses?: readonly number[];
  /** How often each target, in the route's order, may have been asked. */
  readonly dispatches?: readonly Range[];
  /** Which target's answer it must be, by its place. */
  readonly answeredBy?: number;
  /**
   * What the client is charged. `nothing`; `reported`: what the upstream counted; `delivered`: prompt and what came, an
   * estimate; `fair`: either, as far as the general checks allow.
   */
  readonly charge: "nothing" | "reported" | "delivered" | "fair";
  /** Milliseconds within which the client must have its ending. */
  readonly within?: number;
  /** Milliseconds after its request within which each upstream that fell silent must have been left. */
  readonly abandonedWithin?: number;
  /** What else must hold. */
  readonly also?: (outcome: CaseOutcome) => readonly string[];
}

export type Shape = "whole" | "stream";

/** A way in which a fault is met. It becomes one case for each edge, upstream's dialect, shape and seed. */
export interface Scenario {
  readonly name: string;
  readonly targets: readonly TargetPlan[] | ((random: SeededRandom) => readonly TargetPlan[]);
  readonly shapes?: readonly Shape[];
  readonly edges?: readonly Edge[];
  readonly dialects?: readonly UpstreamDialect[];
  /** The route's entry, without its targets. */
  readonly route?: Readonly<Record<string, unknown>>;
  /** The route's strategy is this cascade: steps of targets by their places. */
  readonly cascade?: { readonly accept: "agreement" | "checked"; readonly steps: readonly (readonly number[])[] };
  readonly words?: number;
  readonly withTools?: boolean;
  readonly leave?: (random: SeededRandom) => Leave;
  readonly readsBytes?: number;
  readonly limitMilliseconds?: number;
  readonly expect: Expectation;
}

/** One fault of the matrix. */
export interface Row {
  readonly number: number;
  readonly title: string;
  /** What it says of the bill. */
  readonly bill: string;
  readonly scenarios?: readonly Scenario[];
  /** Further keys of the gateway's configuration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** How many cases run at once. */
  readonly concurrency?: number;
  /** Calls that answer, sent before for each case: further tries are a share of the traffic. */
  readonly ballast?: number;
  /** Memory that the program may take beyond what it has at the start. */
  readonly megabytes?: number;
  /** Test files that prove the row where it is no matter of scenarios. */
  readonly testedBy?: readonly string[];
  /** What is no matter of scenarios: gives the faults that it found, by name of the check. */
  readonly special?: (bench: Bench) => Promise<readonly SpecialCheck[]>;
}

/** A check of its own. */
export interface SpecialCheck {
  readonly name: string;
  readonly outcome: string;
  readonly faults: readonly string[];
}

/** What a row's own check works with. */
export interface Bench {
  readonly seed: number;
  readonly isShort: boolean;
  readonly environment: Readonly<Record<string, string>> | undefined;
}
