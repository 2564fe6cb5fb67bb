import type { Unaffordable as Reason } from "../core/ports/budgets.ts";

/** The target was not called: no budget would pay for it. */
export class Unaffordable extends Error implements Reason {
  override readonly name = "Unaffordable";
  readonly reason: string;
  readonly error: Reason["error"];

  constructor({ reason, error }: Reason) {
    super(reason);
    this.reason = reason;
    this.error = error;
  }
}
