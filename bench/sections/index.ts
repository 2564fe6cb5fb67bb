import type { SectionName } from "./names.ts";
import type { Section } from "./section.ts";
import { streamed } from "./streamed.ts";
import { whole } from "./whole.ts";

export const sections: Readonly<Record<SectionName, Section>> = { whole, streamed };
