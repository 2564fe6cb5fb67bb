import { expect, test } from "bun:test";
import { refuseFields } from "./refuse-fields.ts";

test.each([
  ["model", undefined],
  ["seed", undefined],
  ["x-own", undefined],
  ["ownField", undefined],
  ["ext.grammar", undefined],
  ["Model", "'model'"],
  ["MAX_TOKENS", "'max_tokens'"],
  ["Stream", "'stream'"],
  ["meſſages", "'messages'"],
  ["max_to\u212Aens", "'max_tokens'"],
  ["api_base", "'api_base'"],
  ["baseUrl", "neither where"],
  ["base-url", "neither where"],
  ["apiKey", "neither where"],
  ["API_KEY", "neither where"],
  ["apikey", "'apikey'"],
])("the field %j", (field, refusal) => {
  const refusing = () => refuseFields({ model: "m", [field]: 1 });
  if (refusal === undefined) expect(refusing).not.toThrow();
  else expect(refusing).toThrow(refusal);
});
