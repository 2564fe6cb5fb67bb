import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fitMapping } from "../src/routing/learned/model-mapping/fit-mapping.ts";
import { readLabelledModels } from "./model-mapping/labelled-models.ts";

// node scripts/run.mjs scripts/fit-model-mapping.ts
// Writes src/routing/learned/model-mapping/fitted.ts from the four labelled sets.

const root = join(import.meta.dirname, "..");
const file = join(root, "src/routing/learned/model-mapping/fitted.ts");
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toFixed(value > 1_000 ? 2 : 4)) : value;
writeFileSync(
  file,
  `import type { Mapping } from "./mapping.ts";

// Written by scripts/fit-model-mapping.ts from the four labelled sets. Not to be changed by hand.
export const fittedMapping: Mapping = ${JSON.stringify(fitMapping(readLabelledModels()), rounded, 2)};
`,
);
execFileSync(join(root, "node_modules/.bin/biome"), ["format", "--write", file]);
