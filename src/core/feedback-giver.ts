import type { Caller } from "./caller.ts";

/** How a user is named as the giver of feedback. */
export const userAsGiver = (userId: string): string => `user:${userId}`;

/** Who gives feedback: the user, with whichever key; else the key. One giver's weight is bounded. */
export const giverOf = ({ userId, keyId }: Pick<Caller, "userId" | "keyId">): string => {
  if (userId !== null) return userAsGiver(userId);
  return keyId === null ? "anybody" : `key:${keyId}`;
};
