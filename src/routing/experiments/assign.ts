import { createHash } from "node:crypto";
import type { Call } from "../../core/call.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";
import type { AssignmentUnit } from "../../core/ports/experiments.ts";

export interface Arm {
  readonly name: string;
  readonly weight: number;
}

/** 2⁵². */
const steps = 4_503_599_627_370_496;

/** Uniform in (0, 1), the same for the same words in every process and of every version. */
export const drawFor = (...words: readonly string[]): number => {
  // Lengths tell words apart that hold separators.
  const text = words.map((word) => `${word.length}:${word}`).join("");
  const bits = createHash("sha256").update(text).digest().readBigUInt64BE(0) >> 12n;
  return (Number(bits) + 0.5) / steps;
};

/**
 * The arm of a unit, or undefined where it takes no part: the same at every call, in all processes. By weighted
 * rendezvous hashing (D. Thaler and C. Ravishankar, 1998; weights after J. Schindelhauer and G. Schomaker, 2005): each
 * arm draws for the unit, and the highest wins. So a unit only changes arms towards one whose weight has grown, or away
 * from one whose weight has shrunk; and a larger `share` keeps everybody who is in.
 */
export const assignArm = (
  arms: readonly Arm[],
  { seed, unit, share }: { readonly seed: string; readonly unit: string; readonly share: number },
): Arm | undefined => {
  if (share < 1 && drawFor(seed, "share", unit) >= share) return undefined;
  let best: Arm | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const arm of arms) {
    // Times of exponential clocks: each arm rings first with a probability in proportion to its weight.
    const rings = -Math.log(drawFor(seed, "arm", arm.name, unit)) / arm.weight;
    if (rings >= least) continue;
    least = rings;
    best = arm;
  }
  return best;
};

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** Whom the client says that it asks for: OpenAI's `user` or `safety_identifier`, Anthropic's `metadata.user_id`. */
const namedUser = ({ wire: { body } }: Call): string | undefined => {
  const { metadata } = body;
  return (
    text(body["user"]) ??
    text(body["safety_identifier"]) ??
    (isJsonObject(metadata) ? text(metadata["user_id"]) : undefined)
  );
};

/** Whose call it is, as far as the call says so; a user of one key's owner is another one than that of another's. */
export const unitOf = (call: Call, unit: AssignmentUnit): string | undefined => {
  switch (unit) {
    case "user":
      return call.caller.userId ?? namedUser(call);
    case "session":
      return call.routing?.session;
    case "key":
      return call.caller.keyId ?? undefined;
    case "call":
      return call.id;
  }
};
