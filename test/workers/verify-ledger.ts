import { resolve } from "node:path";

const program = resolve(import.meta.dir, "../../src/main.ts");

export interface VerifiedLedger {
  readonly ok: boolean;
  readonly figures: { readonly calls: number; readonly interruptedCalls: number };
  readonly differences: readonly object[];
}

/** What `intellirouter ledger verify` says of a data folder. */
export const verifyLedger = async (dataFolder: string): Promise<VerifiedLedger> => {
  const child = Bun.spawn([process.execPath, program, "ledger", "verify", "--json", "--data", dataFolder], {
    stdout: "pipe",
    stderr: "inherit",
  });
  return (await new Response(child.stdout).json()) as VerifiedLedger;
};
