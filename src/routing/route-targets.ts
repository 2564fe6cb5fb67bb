import { z } from "zod";

const milliseconds = z.number().int().min(1).max(86_400_000);

/** `provider/model`. */
export const targetName = z.string().regex(/^[^/\s]+\/\S+$/, "expected provider/model");

/** What stands under `targets`, of a route and of whatever changes one. */
export const targetsSchema = z
  .array(
    z.union(
      [
        targetName,
        z.strictObject({
          target: targetName,
          weight: z.number().min(0).default(1),
          /** Where they differ from the route's. */
          timeouts: z
            .strictObject({
              connectMilliseconds: milliseconds.optional(),
              headersMilliseconds: milliseconds.optional(),
              firstTokenMilliseconds: milliseconds.optional(),
              idleMilliseconds: milliseconds.optional(),
            })
            .optional(),
        }),
      ],
      "expected provider/model",
    ),
  )
  .min(1);
