import { assembled } from "./assembled.ts";
import { flatness } from "./flatness.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory.ts";
import type { SectionName } from "./names.ts";
import { policies } from "./policies.ts";
import { prompts } from "./prompts.ts";
import type { Section } from "./section.ts";
import { start } from "./start.ts";
import { streamed } from "./streamed.ts";
import { tls } from "./tls.ts";
import { whole } from "./whole.ts";

export const sections: Readonly<Record<SectionName, Section>> = {
  whole,
  streamed,
  latency,
  assembled,
  policies,
  prompts,
  tls,
  start,
  memory,
  flatness,
};
