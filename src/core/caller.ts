/** What a caller may do: `developer` calls models; `admin` also administers. */
export type Role = "developer" | "admin";

/** Who calls. There is one tenant until more are made; the field is there from the start. */
export interface Caller {
  readonly tenant: string;
  readonly team: string | null;
  /** The key's id (never the key); null when the gateway is open on loopback. */
  readonly keyId: string | null;
  readonly role: Role;
  /** Route names that the key may use; null means all. */
  readonly routes: ReadonlySet<string> | null;
  /** Model or target names that the key may use; null means all. */
  readonly models: ReadonlySet<string> | null;
}
