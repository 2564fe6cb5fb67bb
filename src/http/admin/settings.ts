import { z } from "zod";

/** The owner is whoever uses the command line in this data folder; others come with keys. */
const who = z.enum(["owner", "everyone"]).default("owner");

/** The keys of `admin`: what administrators may do who come from elsewhere. */
export const adminSchema = z.strictObject({
  /** Who may add providers at addresses of this machine and its network. */
  privateAddresses: who,
  /** Who may add providers whose key is read from a variable or file of this machine. */
  secretReferences: who,
});
export type AdminSettings = z.output<typeof adminSchema>;
