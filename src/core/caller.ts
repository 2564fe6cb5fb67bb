import type { KeyLimit, KeyProfile } from "./key-scope.ts";
import type { Permissions } from "./permissions.ts";
import type { Priority } from "./priority.ts";

/** A name for a list of permissions: one of the program's (`viewer`, `developer`, `operator`, `admin`) or of the file. */
export type Role = string;

/** Who calls. */
export interface Caller {
  readonly tenant: string;
  readonly team: string | null;
  /** The key's id (never the key); null when the gateway is open on loopback. */
  readonly keyId: string | null;
  /** The id of the user that the key belongs to; null where it is nobody's. */
  readonly userId: string | null;
  readonly role: Role;
  /** What the role stands for. */
  readonly permissions: Permissions;
  /** Whether it belongs to the platform itself, so that its permissions hold for all tenants and for what they share. */
  readonly everywhere: boolean;
  /** Route names that the key may use; null means all. */
  readonly routes: ReadonlySet<string> | null;
  /** Model or target names that the key may use; null means all. */
  readonly models: ReadonlySet<string> | null;
  /** Addresses that the key may be used from; absent: all. */
  readonly allowedAddresses?: readonly string[];
  /** Limits of the key's own, beside the configuration's rules; absent: none. */
  readonly limits?: readonly KeyLimit[];
  /** Whether its calls come before others where a limit keeps a share for those; absent: `normal`. */
  readonly priority?: Priority;
  /** How its calls are routed, by its team and by its key; absent: as the configuration has it. */
  readonly profile?: KeyProfile;
}
