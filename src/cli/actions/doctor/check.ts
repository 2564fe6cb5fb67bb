import type { CliContext } from "../../context.ts";
import type { ConfigurationReport } from "../../roles.ts";

/** What one look found. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** What the checks share. */
export interface Examination {
  readonly context: CliContext;
  readonly dataFolder: string;
  /** Undefined where it is not valid. */
  readonly configuration: ConfigurationReport | undefined;
}

export type Check = (examination: Examination) => Promise<readonly Finding[]>;
