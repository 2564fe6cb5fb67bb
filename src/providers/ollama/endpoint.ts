import type { JsonObject } from "../../core/json.ts";
import type { PrefillOption } from "../prefill.ts";

/** Where one configured server is, and what goes with every request to it. */
export interface Endpoint {
  /** The provider's name in the configuration. */
  readonly provider: string;
  /** Without a trailing slash and without `/api`. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Fields that go into each request unless it has them itself (`keep_alive`). */
  readonly defaults: JsonObject;
  /** The same, within `options` (`num_ctx`). */
  readonly defaultOptions: JsonObject;
  /** How its models go on with a begun answer, where the user has said so: it hangs on each model's template. */
  readonly prefill?: PrefillOption;
}
