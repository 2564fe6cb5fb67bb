import { releaseFilePages } from "./file-pages.ts";

/**
 * `unused`: no call has come yet, so that of what was compiled only the start's part is lost. `pages`: only what a file
 * holds anyway, which may be done while calls come. `warm`: what calls use has been compiled, so that what it takes the
 * place of is garbage; it is collected beside the program, without a pause.
 */
export type RestKind = "unused" | "warm" | "used" | "pages";

/** What was compiled is let go of when the program is idle next; collected before that, it stays. */
const shrinkMilliseconds = 100;

const collect = (): void => {
  // Collects and sweeps at once, and has the allocator give empty pages back.
  Bun.gc(true);
  releaseFilePages();
};

/**
 * Gives the system back what this process does not need: garbage, what was compiled for the start, and pages that can
 * be read again. Takes 10 to 20 ms, mostly collections; `pages` and `warm` take about 3 ms.
 */
export const releaseMemory = (kind: RestKind): void => {
  if (kind === "pages") releaseFilePages();
  else if (kind === "warm") {
    Bun.gc(false);
    releaseFilePages();
  } else if (kind === "used") collect();
  else {
    // Nothing that was compiled is let go of while a collection runs beside the program: this one ends it.
    Bun.gc(true);
    Bun.shrink();
    setTimeout(collect, shrinkMilliseconds).unref();
  }
};
