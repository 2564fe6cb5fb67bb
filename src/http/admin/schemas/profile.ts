import { z } from "zod";
import type { KeyProfile } from "../../../core/key-scope.ts";
import { named } from "./registry.ts";

const name = z.string().min(1).max(200);

/** What keys and teams have alike. */
export const profile = named(
  "KeyProfile",
  z
    .strictObject({
      deniedModels: z.array(name).min(1).max(1_000).optional().describe("Models or targets that are not to be used."),
      model: name.optional().describe("What is asked instead of whatever the client asks for."),
      strategy: name.optional().describe("Takes the place of the routes' own strategies."),
      routing: z.boolean().optional().describe("False: no routes, only models and targets by their names."),
    })
    .describe("How calls of a key, or of a team's keys and members, are routed, beyond what they may use."),
);

export const showProfile = (shown: KeyProfile | null | undefined): z.input<typeof profile> | null =>
  shown === null || shown === undefined
    ? null
    : ({ ...shown, ...(shown.deniedModels === undefined ? {} : { deniedModels: [...shown.deniedModels] }) } as never);
