import type { Priority } from "./priority.ts";

/** Windows that amounts are counted in. */
export const windowNames = ["second", "minute", "hour", "day"] as const;
export type WindowName = (typeof windowNames)[number];

/** A limit that a key carries itself, in the words of the configuration's rules. */
export interface KeyLimit {
  readonly requests?: number | undefined;
  readonly tokens?: number | undefined;
  readonly concurrent?: number | undefined;
  /** The window of `requests` and `tokens`. */
  readonly per?: WindowName | undefined;
}

/** How the calls of a key, or of a team, are routed, beyond what it may use. */
export interface KeyProfile {
  /** Models or targets that it may not use, whatever else allows them. */
  readonly deniedModels?: readonly string[] | undefined;
  /** What is asked instead of whatever the client asks for: a model, target or route. */
  readonly model?: string | undefined;
  /** Takes the place of the routes' own strategies. */
  readonly strategy?: string | undefined;
  /** False: no route of the configuration, only models and targets by their names. */
  readonly routing?: boolean | undefined;
}

/** What bounds the use of a key, beside its role; null: nothing. */
export interface KeyScope {
  readonly routes: readonly string[] | null;
  readonly models: readonly string[] | null;
  /** Addresses and ranges that it may be used from. */
  readonly allowedAddresses: readonly string[] | null;
  readonly limits: readonly KeyLimit[] | null;
  readonly profile: KeyProfile | null;
  readonly priority: Priority;
}
