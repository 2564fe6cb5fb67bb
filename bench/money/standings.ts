import type { Standing } from "./judge.ts";
import type { Races } from "./race.ts";

interface Page {
  readonly data: readonly {
    readonly scope: string;
    readonly subject: string;
    readonly spentUsd: number;
    readonly heldUsd: number;
  }[];
  readonly next: string | null;
}

const picoPerUsd = 1e12;

/** How the budgets of all keys stand, page by page, as the admin API says. */
export const readStandings = async (races: Races): Promise<ReadonlyMap<string, Standing>> => {
  const standings = new Map<string, Standing>();
  for (let after: string | null = ""; after !== null; ) {
    const page = (await races.ask(
      `/budgets?limit=100${after === "" ? "" : `&after=${encodeURIComponent(after)}`}`,
    )) as Page;
    for (const { scope, subject, spentUsd, heldUsd } of page.data)
      if (scope === "key")
        standings.set(subject, { spent: Math.round(spentUsd * picoPerUsd), held: Math.round(heldUsd * picoPerUsd) });
    after = page.next;
  }
  return standings;
};
