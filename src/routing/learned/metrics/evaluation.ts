import type { Baselines } from "./baselines.ts";
import type { Interval } from "./bootstrap.ts";

/** A figure with its 95 % interval, by bootstrap over queries. */
export interface Figure extends Interval {
  readonly value: number;
}

/** A curve of cost and quality, read off. */
export interface CurveFigures {
  /** Area under its hull over the common range of costs; null where that has no length. */
  readonly aiq: number | null;
  /** Saved at shares of the best constant's quality; null where the curve does not get there. */
  readonly saved: readonly { readonly share: number; readonly saved: number | null }[];
}

export interface PolicyFigures {
  readonly quality: Figure;
  /** USD per query. */
  readonly cost: Figure;
  /** Shares of the best constant's quality and cost: kept, and not spent. */
  readonly kept: Figure;
  readonly saved: Figure;
  readonly oracleGapRecovered: number | null;
  readonly routerArena: number;
  readonly callsPerQuery: number;
  /** Share of queries by kind of action. */
  readonly kinds: Readonly<Record<string, number>>;
}

export interface PairFigures {
  readonly weak: string;
  readonly strong: string;
  /** Null where both are equally good here. */
  readonly apgr: Figure | null;
  /** Least shares of strong calls that recover so much of the gap. */
  readonly cpt: readonly { readonly recovered: number; readonly share: number | null }[];
}

export interface ModelFigures {
  readonly model: string;
  readonly brier: number;
  readonly ece: number;
  /** Mean predicted over mean actual cost. */
  readonly costRatio: number | null;
}

export interface Evaluation {
  readonly rows: number;
  readonly bestChosenOn: "other rows" | "these rows";
  readonly policy: PolicyFigures;
  /** One model per query, chosen by the expectations alone, over every price of quality. */
  readonly curve: CurveFigures;
  readonly zeroRouter: CurveFigures;
  readonly pair: PairFigures;
  readonly models: readonly ModelFigures[];
  readonly baselines: Baselines;
  /** Of the decision; null where the predictions do not say. */
  readonly microseconds: { readonly p50: number; readonly p99: number } | null;
}
