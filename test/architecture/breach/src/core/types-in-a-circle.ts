import type { named } from "./second.ts";

/** Types may refer to each other in a circle: this is not to be found. */
export interface Named {
  readonly name: string;
  readonly other?: typeof named;
}
