import { releaseFilePages } from "./file-pages.ts";

/**
 * `unused`: no call has come yet, so that of what was compiled only the start's part is lost. `pages`: only what a file
 * holds anyway, which may be done while calls come.
 */
export type RestKind = "unused" | "used" | "pages";

/** What was compiled is let go of when the program is idle next; collected before that, it stays. */
const shrinkMilliseconds = 100;

const collect = (): void => {
  // Collects and sweeps at once, and has the allocator give empty pages back.
  Bun.gc(true);
  releaseFilePages();
};

/**
 * Gives the system back what this process does not need: garbage, what was compiled for the start, and pages that can
 * be read again. Takes 10 to 20 ms, mostly collections; `pages` takes about 2 ms.
 */
export const releaseMemory = (kind: RestKind): void => {
  if (kind === "pages") releaseFilePages();
  else if (kind === "used") collect();
  else {
    // Nothing that was compiled is let go of while a collection runs beside the program: this one ends it.
    Bun.gc(true);
    Bun.shrink();
    setTimeout(collect, shrinkMilliseconds).unref();
  }
};
